import { expect, it } from 'vitest';
import { createContext } from '../../src/cli/command.ts';
import { SecateurError } from '../../src/error.ts';

const world = { out: () => {}, err: () => {}, isTerminal: false, signal: new AbortController().signal };
const contextOf = (options: Record<string, string>) => createContext({ positionals: [], options }, world);

it('takes the room for what measures share as a size, or as none', () => {
  expect(contextOf({}).gramCacheBytes).toBe(2 * 2 ** 30);
  expect(contextOf({ 'gram-cache': '512MiB' }).gramCacheBytes).toBe(2 ** 29);
  expect(contextOf({ 'gram-cache': '0' }).gramCacheBytes).toBe(0);
});

it.each(['much', '-1', '0GiB', ''])('refuses --gram-cache %j, and says how it is written', (size) => {
  expect(() => contextOf({ 'gram-cache': size })).toThrow(SecateurError);
  expect(() => contextOf({ 'gram-cache': size })).toThrow(`--gram-cache ${size} is not a size`);
});
