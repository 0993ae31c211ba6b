import { expect, test } from 'vitest';
import { magnitude } from '../../../src/methods/score/magnitude.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';

test('magnitude is the absolute value, of zeros of either sign too', async () => {
  const weight = { rows: 2, cols: 3, data: Float32Array.of(-2, 0.5, -0, 0, 1e-40, -3e38) };
  const saliency = await magnitude.score({ weight, stats: {}, damping: 0.01, algebra: plainAlgebra }, {});
  expect(Array.from(saliency.data)).toEqual([2, 0.5, 0, 0, Math.fround(1e-40), Math.fround(3e38)]);
  expect(weight.data[0]).toBe(-2);
});
