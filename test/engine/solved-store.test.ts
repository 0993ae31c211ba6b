import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openGramRoom } from '../../src/engine/gram-room.ts';
import { openSolvedStore } from '../../src/engine/solved-store.ts';
import { wholeFileBytes } from '../../src/engine/whole-file.ts';
import { defaultSolve } from '../../src/recipe/default-solve.ts';
import { temporaryFolder } from '../support/runs.ts';

const solve = defaultSolve();
const bytes = (value: number) => new Uint8Array(100).fill(value);
const one = wholeFileBytes(100);

function openIn(cache: string, limit: number, step = solve) {
  const room = openGramRoom(cache, 'grams-own', limit);
  return openSolvedStore({ room: () => room }, step);
}

it('has what was solved with the same step, also when it is opened anew', () => {
  const cache = join(temporaryFolder(), 'cache');
  openIn(cache, 10 * one).write('w', 50, bytes(1));
  const store = openIn(cache, 10 * one);
  expect(store.read('w', 50, 100)).toEqual(Buffer.from(bytes(1)));
  expect(store.read('w', 51, 100)).toBeUndefined();
  expect(store.read('v', 50, 100)).toBeUndefined();
  expect(store.read('w', 50, 102)).toBeUndefined();
  expect(openIn(cache, 10 * one, { ...solve, damping: 0.02 }).read('w', 50, 100)).toBeUndefined();
});

it('lets those that were not asked for longest make way, and stays within the limit', () => {
  const cache = join(temporaryFolder(), 'cache');
  const store = openIn(cache, 2 * one);
  store.write('a', 1, bytes(1));
  store.write('b', 1, bytes(2));
  expect(store.read('a', 1, 100)).toBeDefined();
  store.write('c', 1, bytes(3));
  expect(store.read('b', 1, 100)).toBeUndefined();
  expect(store.read('a', 1, 100)).toBeDefined();
  expect(store.read('c', 1, 100)).toBeDefined();
  const small = openIn(join(cache, '..', 'small'), one - 1);
  small.write('a', 1, bytes(1));
  expect(small.read('a', 1, 100)).toBeUndefined();
});

it('makes the Grams of other texts go before its own are let go', () => {
  const cache = join(temporaryFolder(), 'cache');
  mkdirSync(join(cache, 'grams-other'), { recursive: true });
  writeFileSync(join(cache, 'grams-other', 'block-0'), new Uint8Array(one));
  const store = openIn(cache, 2 * one);
  store.write('a', 1, bytes(1));
  store.write('b', 1, bytes(2));
  expect(readdirSync(cache).toSorted()).toEqual(['.gitignore', 'grams-own']);
  expect(store.read('a', 1, 100)).toBeDefined();
});
