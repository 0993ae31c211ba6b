import { expect, test } from 'vitest';
import { errorAt } from '../../src/methods/error-curve.ts';

const curve = [
  { sparsity: 0.2, error: 0.1 },
  { sparsity: 0.4, error: 0.5 },
];

test.each([
  ['is 0 where nothing is pruned', 0, 0],
  ['rises on a line from there to the first point', 0.1, 0.05],
  ['is that of a point at the point', 0.2, 0.1],
  ['lies on a line between two points', 0.3, 0.3],
  ['goes on in the last line beyond the last point', 0.5, 0.7],
])('the error %s', (_, sparsity, error) => {
  expect(errorAt(curve, sparsity)).toBeCloseTo(error, 12);
});
