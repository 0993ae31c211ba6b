import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHiddenStates, hiddenBytes } from '../../src/engine/hidden.ts';
import { temporaryFolder } from '../support/runs.ts';

const shape = { windows: 5, length: 3, width: 7 };
const window = (w: number) => Float32Array.from({ length: 21 }, (_, i) => w * 100 + i);

describe.each([
  ['in memory', 4 * hiddenBytes(shape)],
  ['in a scratch file', 4 * hiddenBytes(shape) - 1],
])('hidden states %s', (_, memoryLimitBytes) => {
  it('give back each window as it was last written, in any order', () => {
    const scratchFolder = temporaryFolder();
    using hidden = createHiddenStates(shape, { memoryLimitBytes, scratchFolder });
    for (const w of [3, 0, 4, 1, 2]) hidden.write(w, window(w));
    hidden.write(3, window(30));
    for (const w of [0, 1, 2, 4]) expect(hidden.read(w)).toEqual(window(w));
    expect(hidden.read(3)).toEqual(window(30));
  });

  it('leave nothing behind', () => {
    const scratchFolder = join(temporaryFolder(), 'scratch');
    mkdirSync(scratchFolder);
    {
      using hidden = createHiddenStates(shape, { memoryLimitBytes, scratchFolder });
      hidden.write(0, window(0));
    }
    expect(readdirSync(scratchFolder)).toEqual([]);
  });
});
