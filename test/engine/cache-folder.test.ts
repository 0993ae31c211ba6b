import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findCacheFolder } from '../../src/engine/cache-folder.ts';
import { temporaryFolder } from '../support/runs.ts';

it('is of the nearest folder that has one, or else is under version control, or else is the recipe’s own', () => {
  const root = temporaryFolder();
  const recipes = join(root, 'a', 'b', 'c');
  mkdirSync(recipes, { recursive: true });
  expect(findCacheFolder(recipes)).toBe(join(recipes, '.secateur'));
  mkdirSync(join(root, '.git'));
  expect(findCacheFolder(recipes)).toBe(join(root, '.secateur'));
  // A work tree of git.
  writeFileSync(join(root, 'a', '.git'), 'gitdir: elsewhere\n');
  expect(findCacheFolder(recipes)).toBe(join(root, 'a', '.secateur'));
  mkdirSync(join(root, '.secateur'));
  expect(findCacheFolder(recipes)).toBe(join(root, '.secateur'));
  // A file is no folder to keep anything in.
  writeFileSync(join(recipes, '.secateur'), '');
  expect(findCacheFolder(recipes)).toBe(join(root, '.secateur'));
});
