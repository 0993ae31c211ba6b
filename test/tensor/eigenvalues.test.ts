import { describe, expect, test } from 'vitest';
import { symmetricEigenvalues } from '../../src/tensor/eigenvalues.ts';
import { createMatrix64, type Matrix64, multiply, transpose } from '../../src/tensor/linalg.ts';
import { createRandom } from '../../src/tensor/random.ts';

function gaussian(rows: number, cols: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  return { rows, cols, data: Float64Array.from({ length: rows * cols }, () => random.gaussian()) };
}

/** Q with QᵀQ = I, by Gram and Schmidt, twice. */
function orthogonal(n: number, seed: number): Matrix64 {
  const q = gaussian(n, n, seed);
  const row = (i: number) => q.data.subarray(i * n, i * n + n);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
  for (let pass = 0; pass < 2; pass++)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const part = dot(row(i), row(j));
        for (let k = 0; k < n; k++) row(i)[k]! -= part * row(j)[k]!;
      }
      const length = Math.sqrt(dot(row(i), row(i)));
      for (let k = 0; k < n; k++) row(i)[k]! /= length;
    }
  return q;
}

function diagonal(values: readonly number[]): Matrix64 {
  const matrix = createMatrix64(values.length, values.length);
  for (const [i, value] of values.entries()) matrix.data[i * (values.length + 1)] = value;
  return matrix;
}

const spectra: [string, number[]][] = [
  ['one number', [3]],
  ['two', [-1, 4]],
  ['of both signs', Array.from({ length: 17 }, (_, i) => (i - 8) * 1.5)],
  ['all the same', new Array<number>(9).fill(2.5)],
  ['mostly the same', [...new Array<number>(20).fill(1), 2, 2, 3]],
  ['with zeros', [0, 0, 0, 1, 5]],
  ['from tiny to huge', Array.from({ length: 40 }, (_, i) => 10 ** (i / 4 - 5))],
  ['many', Array.from({ length: 90 }, (_, i) => Math.sin(i) * i)],
];

describe('symmetricEigenvalues', () => {
  test.each(spectra)('finds a spectrum that is known: %s', (_, values) => {
    const expected = Float64Array.from(values).sort();
    const n = values.length;
    const q = orthogonal(n, n);
    const matrix = multiply(multiply(transpose(q), diagonal(values)), q);
    const found = symmetricEigenvalues(matrix.data, n);
    const scale = Math.max(...expected.map(Math.abs));
    for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-13 * scale);
  });

  test('reads the lower half only', () => {
    const a = gaussian(12, 12, 1);
    const symmetric = multiply(transpose(a), a);
    const lower = symmetric.data.map((value, at) => (at % 12 > Math.floor(at / 12) ? Number.NaN : value));
    expect(symmetricEigenvalues(lower, 12)).toEqual(symmetricEigenvalues(symmetric.data.slice(), 12));
  });

  test('takes a matrix that is diagonal already', () => {
    expect(symmetricEigenvalues(diagonal([3, -1, 0, 2]).data, 4)).toEqual(Float64Array.of(-1, 0, 2, 3));
  });

  test('keeps the trace and the sum of squares', () => {
    const a = gaussian(70, 70, 5);
    const symmetric = multiply(transpose(a), a);
    const trace = Array.from({ length: 70 }, (_, i) => symmetric.data[i * 71]!).reduce((sum, value) => sum + value, 0);
    const squares = symmetric.data.reduce((sum, value) => sum + value * value, 0);
    const found = symmetricEigenvalues(symmetric.data, 70);
    expect(found.reduce((sum, value) => sum + value, 0) / trace).toBeCloseTo(1, 12);
    expect(found.reduce((sum, value) => sum + value * value, 0) / squares).toBeCloseTo(1, 12);
  });
});
