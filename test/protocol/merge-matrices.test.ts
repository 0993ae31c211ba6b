import { expect, it } from 'vitest';
import { mergeMatrices } from '../../src/protocol/merge-matrices.ts';

it('a matrix that comes again stands in its place as it came last, and nothing new is the same list', () => {
  const known = [
    { name: 'a', value: 1 },
    { name: 'b', value: 2 },
  ];
  expect(
    mergeMatrices(known, [
      { name: 'c', value: 3 },
      { name: 'a', value: 4 },
    ]),
  ).toEqual([
    { name: 'a', value: 4 },
    { name: 'b', value: 2 },
    { name: 'c', value: 3 },
  ]);
  expect(mergeMatrices(known, [])).toBe(known);
});
