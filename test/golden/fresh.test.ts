import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../scripts/generated/files.ts';

const root = new URL('../..', import.meta.url).pathname;

describe('files made from the code', () => {
  it.each([...generatedFiles(root)])('%s is fresh', (path, content) => {
    const full = join(root, path);
    const found = existsSync(full) ? readFileSync(full, 'utf8') : '';
    if (found === content) rmSync(`${full}.actual`, { force: true });
    else writeFileSync(`${full}.actual`, content);
    expect(found, `${path} is stale: look at ${path}.actual, then run npm run golden`).toBe(content);
  });
});
