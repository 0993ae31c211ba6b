import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fromSystem } from '../../src/engine/system-error.ts';
import { SecateurError } from '../../src/error.ts';

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

it('says in words which file has gone, and leaves what no system call threw as it is', () => {
  const path = join(tmpdir(), 'not-there', 'model.safetensors');
  expect(fromSystem(caught(() => readFileSync(path)))).toMatchObject({
    code: 'FILE_MISSING',
    message: `${path} is not there`,
    hint: 'Put it back, then try again.',
  });
  expect(fromSystem(caught(() => readFileSync(tmpdir())))).toMatchObject({
    code: 'FILE_MISSING',
    message: expect.stringContaining('EISDIR'),
  });
  for (const other of [new TypeError('x'), new SecateurError('BUSY', 'm'), 'text']) expect(fromSystem(other)).toBe(other);
});
