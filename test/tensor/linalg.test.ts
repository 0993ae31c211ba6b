import { describe, expect, test } from 'vitest';
import { cholesky, invertLower, invertSpd, type Matrix64, multiply, solveSpd, toMatrix64, transpose } from '../../src/tensor/linalg.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { worstDifference } from '../support/reference.ts';

const random = createRandom(21);
const normal = (rows: number, cols: number): Matrix64 => ({
  rows,
  cols,
  data: Float64Array.from({ length: rows * cols }, () => random.gaussian()),
});
const spd = (n: number) => {
  const a = normal(n + 3, n);
  return multiply(transpose(a), a);
};
const identity = (n: number) => Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));

describe('reference linear algebra', () => {
  test('multiplies as by hand', () => {
    const a = toMatrix64({ rows: 2, cols: 3, data: [1, 2, 3, 4, 5, 6] });
    const b = toMatrix64({ rows: 3, cols: 1, data: [7, 8, 9] });
    expect(multiply(a, b)).toEqual(toMatrix64({ rows: 2, cols: 1, data: [50, 122] }));
    expect(transpose(a)).toEqual(toMatrix64({ rows: 3, cols: 2, data: [1, 4, 2, 5, 3, 6] }));
    expect(() => multiply(a, a)).toThrow(RangeError);
  });

  test.each([1, 2, 17])('factors, inverts and solves a positive definite matrix of size %i', (n) => {
    const a = spd(n);
    const lower = cholesky(a);
    expect(lower.data.every((value, at) => at % n <= Math.floor(at / n) || value === 0)).toBe(true);
    expect(worstDifference(multiply(lower, transpose(lower)).data, a.data)).toBeLessThan(1e-13);
    expect(worstDifference(multiply(invertLower(lower), lower).data, identity(n))).toBeLessThan(1e-11);
    expect(worstDifference(multiply(invertSpd(a), a).data, identity(n))).toBeLessThan(1e-9);
    const x = normal(n, 3);
    expect(worstDifference(solveSpd(a, multiply(a, x)).data, x.data)).toBeLessThan(1e-9);
  });

  test('says which pivot is not positive', () => {
    expect(() => cholesky(toMatrix64({ rows: 2, cols: 2, data: [1, 2, 2, 1] }))).toThrow('pivot 1 is -3');
  });
});
