import { describe, expect, test } from 'vitest';
import { multiply, toMatrix64, transpose } from '../../src/tensor/linalg.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { smallGram } from '../../src/tensor/small-gram.ts';

describe('smallGram', () => {
  test.each([
    [5, 9],
    [9, 5],
    [6, 6],
    [1, 4],
    [4, 1],
    [8, 3],
  ])('is the lower half of the product over the longer side (%d x %d)', (rows, cols) => {
    const random = createRandom(rows * 10 + cols);
    const weight = { rows, cols, data: Float32Array.from({ length: rows * cols }, () => random.gaussian()) };
    const w = toMatrix64(weight);
    const whole = rows <= cols ? multiply(w, transpose(w)) : multiply(transpose(w), w);
    const { n, lower } = smallGram(weight);
    expect(n).toBe(Math.min(rows, cols));
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) expect(lower[i * n + j]).toBeCloseTo(j <= i ? whole.data[i * n + j]! : 0, 12);
  });
});
