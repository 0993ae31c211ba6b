import { describe, expect, it } from 'vitest';
import { mostOpen } from '../../src/engine/trial-room.ts';

const singles = (nBlocks: number, perBlock: number) =>
  Array.from({ length: nBlocks * perBlock }, (_, i): [number, number] => [Math.floor(i / perBlock), Math.floor(i / perBlock)]);
const wholes = (n: number, nBlocks: number) => Array.from({ length: n }, (): [number, number] => [0, nBlocks - 1]);

describe('the most trials that are open at one time', () => {
  it('are all of those that replace matrices throughout the model', () => {
    expect(mostOpen(wholes(256, 30), 30)).toBe(256);
  });

  it('are, of those that end where they begin, as many as wait for each other', () => {
    // 63 wait when the next 21 come.
    expect(mostOpen(singles(30, 21), 30)).toBe(84);
    expect(mostOpen(singles(3, 21), 3)).toBe(63);
    expect(mostOpen(singles(4, 100), 4)).toBe(100);
  });

  it('are both together where there are both', () => {
    expect(mostOpen([...singles(30, 21), ...wholes(200, 30)], 30)).toBe(284);
    expect(mostOpen([], 30)).toBe(0);
  });
});
