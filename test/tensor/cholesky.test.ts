import { describe, expect, test } from 'vitest';
import { gramDiagonal, inverseFactor } from '../../src/tensor/cholesky.ts';
import { invertSpd, multiply, toMatrix64, transpose } from '../../src/tensor/linalg.ts';
import type { Matrix } from '../../src/tensor/matrix.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { plainAlgebra, singleGemm } from '../support/plain-algebra.ts';
import { killInput, makeProblem, scaleGram, takeInputs } from '../support/problems.ts';
import { dampedHessian, upperFactor, worstDifference } from '../support/reference.ts';

const identity = (n: number) => Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));

describe('inverseFactor', () => {
  // 128 is the width of a panel.
  test.each([1, 5, 37, 128, 129, 257])('T1: U is upper and UᵀU·Hd = U·Hd·Uᵀ = I, for %i inputs', async (n) => {
    const { stats } = makeProblem(n, 1, n);
    const hessian = dampedHessian(stats.gram, 0.01);
    const { factor, damping } = await inverseFactor(stats.gram, 0.01, singleGemm);
    const u = toMatrix64(factor);
    expect(damping).toBe(0.01);
    expect(u.data.every((value, at) => at % n >= Math.floor(at / n) || value === 0)).toBe(true);
    expect(worstDifference(multiply(multiply(u, hessian), transpose(u)).data, identity(n))).toBeLessThan(3e-6);
    expect(worstDifference(multiply(multiply(transpose(u), u), hessian).data, identity(n))).toBeLessThan(1e-3);
    expect(worstDifference(u.data, upperFactor(hessian).data)).toBeLessThan(3e-6);
  });

  test('agrees with the factor of the explicit inverse', async () => {
    const { stats } = makeProblem(5, 1, 61);
    const [fast, plain] = await Promise.all([inverseFactor(stats.gram, 0.01, singleGemm), plainAlgebra.inverseFactor(stats.gram, 0.01)]);
    expect(worstDifference(fast.factor.data, plain.factor.data)).toBeLessThan(1e-6);
    expect(worstDifference(fast.diagonal, plain.diagonal)).toBeLessThan(1e-7);
    expect(worstDifference(fast.hessianDiagonal, plain.hessianDiagonal)).toBeLessThan(1e-15);
  });

  test('T2: U[m,m]² is the first diagonal entry of the inverse of the block that is left, for every m', async () => {
    const n = 133;
    const { stats } = makeProblem(2, 1, n);
    const hessian = dampedHessian(stats.gram, 0.01);
    const { diagonal } = await inverseFactor(stats.gram, 0.01, singleGemm);
    for (let m = 0; m < n; m++) {
      const left = n - m;
      const trailing = { rows: left, cols: left, data: new Float64Array(left * left) };
      for (let i = 0; i < left; i++) for (let j = 0; j < left; j++) trailing.data[i * left + j] = hessian.data[(m + i) * n + m + j];
      expect(Math.abs(diagonal[m] ** 2 / invertSpd(trailing).data[0] - 1)).toBeLessThan(1e-6);
    }
  });

  test('loses 1e-5 at a condition of a million, where plain f32 products lose 1e-3', async () => {
    const gram = illConditioned(150, 1e6);
    const { factor, damping, diagonal } = await inverseFactor(gram, 0, singleGemm);
    const u = toMatrix64(factor);
    expect(damping).toBe(0);
    expect(worstDifference(multiply(multiply(u, toMatrix64(gram)), transpose(u)).data, identity(150))).toBeLessThan(2e-5);
    const exact = upperFactor(toMatrix64(gram));
    expect(diagonal.every((value, j) => Math.abs(value / exact.data[j * 150 + j] - 1) < 1e-5)).toBe(true);
  });

  test('T7: scaling the gram scales the factor and nothing else', async () => {
    const problem = makeProblem(3, 1, 50);
    const { factor } = await inverseFactor(killInput(problem, 7).stats.gram, 0.01, singleGemm);
    for (const scale of [1e-4, 1e4]) {
      const scaled = await inverseFactor(scaleGram(killInput(problem, 7), scale).stats.gram, 0.01, singleGemm);
      const live = (data: Float32Array) => data.filter((_, at) => at % 50 !== 7);
      expect(worstDifference(live(scaled.factor.data.map((value) => value * Math.sqrt(scale))), live(factor.data))).toBeLessThan(1e-6);
    }
  });

  test('T16: a dead input is marked and changes nothing for the others', async () => {
    const problem = makeProblem(4, 1, 41);
    const dead = await inverseFactor(killInput(problem, 13).stats.gram, 0.01, singleGemm);
    const others = Array.from({ length: 41 }, (_, j) => j).filter((j) => j !== 13);
    const without = await inverseFactor(takeInputs(problem, others).stats.gram, 0.01, singleGemm);
    expect(Array.from(dead.dead)).toEqual(Array.from({ length: 41 }, (_, j) => (j === 13 ? 1 : 0)));
    for (const [i, row] of others.entries())
      for (const [j, col] of others.entries()) expect(dead.factor.data[row * 41 + col]).toBeCloseTo(without.factor.data[i * 40 + j], 6);
    expect(others.every((j) => dead.factor.data[13 * 41 + j] === 0 && dead.factor.data[j * 41 + 13] === 0)).toBe(true);
    expect(dead.hessianDiagonal[13]).toBeGreaterThan(1);
  });

  test('has an answer when every input is dead', async () => {
    const { diagonal, dead } = await inverseFactor({ rows: 3, cols: 3, data: new Float32Array(9) }, 0, singleGemm);
    expect([Array.from(diagonal), Array.from(dead)]).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  test('climbs the ladder of damping where two inputs are one', async () => {
    const { stats } = takeInputs(makeProblem(6, 1, 30), [...Array.from({ length: 30 }, (_, j) => j), 4, 4, 11]);
    const { damping, factor } = await inverseFactor(stats.gram, 0, singleGemm);
    expect([1e-4, 1e-3, 0.01]).toContain(damping);
    const u = toMatrix64(factor);
    const product = multiply(multiply(u, dampedHessian(stats.gram, damping)), transpose(u));
    expect(worstDifference(product.data, identity(33))).toBeLessThan(1e-4);
  });

  test('does not take a pivot that f32 cannot tell from zero', async () => {
    const nearlyOne = 1 - 2 ** -24;
    const gram = { rows: 2, cols: 2, data: Float32Array.of(1, nearlyOne, nearlyOne, 1) };
    expect((await inverseFactor(gram, 0, singleGemm)).damping).toBe(1e-4);
  });

  test('reports the damping of the rung that held', async () => {
    const gram = { rows: 2, cols: 2, data: Float32Array.of(1, 1.05, 1.05, 1) };
    expect((await inverseFactor(gram, 0.03, singleGemm)).damping).toBeCloseTo(0.3, 10);
    const worse = { rows: 2, cols: 2, data: Float32Array.of(1, 1.5, 1.5, 1) };
    expect((await inverseFactor(worse, 0.03, singleGemm)).damping).toBe(1);
  });

  test('names the pivot when even damping 1 does not help', async () => {
    const gram = { rows: 3, cols: 3, data: Float32Array.of(1, 0, 0, 0, 1, 9, 0, 9, 1) };
    await expect(inverseFactor(gram, 0.01, singleGemm)).rejects.toMatchObject({
      code: 'NOT_POSITIVE_DEFINITE',
      message: 'the Hessian is not positive definite even with damping 1 (pivot 1 is -3.9e+1)',
    });
    const negative = { rows: 2, cols: 2, data: Float32Array.of(1, 0, 0, -5) };
    await expect(inverseFactor(negative, 0.01, singleGemm)).rejects.toMatchObject({ code: 'NOT_POSITIVE_DEFINITE' });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a gram with %f, naming the place', async (bad) => {
    const gram = { rows: 2, cols: 2, data: Float32Array.of(1, 0, bad, 1) };
    await expect(inverseFactor(gram, 0.01, singleGemm)).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringContaining('[1, 0]'),
    });
  });
});

describe('gramDiagonal', () => {
  test('leaves dead inputs out of the mean', () => {
    const gram = { rows: 3, cols: 3, data: Float32Array.of(2, 1, 0, 1, 6, 0, 0, 0, 0) };
    const { diagonal, mean, dead } = gramDiagonal(gram);
    expect([Array.from(diagonal), mean, Array.from(dead)]).toEqual([[2, 6, 1], 4, [0, 0, 1]]);
  });
});

/** Eigenvalues from 1 down to 1 / condition in equal ratios, turned by three random reflections, in f32. */
function illConditioned(n: number, condition: number): Matrix {
  const random = createRandom(31);
  let a = toMatrix64({ rows: n, cols: n, data: identity(n).map((one, at) => one * condition ** (-(at % n) / (n - 1))) });
  for (let turn = 0; turn < 3; turn++) {
    const v = Float64Array.from({ length: n }, () => random.gaussian());
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const reflection = { rows: n, cols: n, data: identity(n).map((one, at) => one - (2 * v[Math.floor(at / n)] * v[at % n]) / square) };
    a = multiply(multiply(reflection, a), reflection);
  }
  const data = Float32Array.from(a.data);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) data[i * n + j] = data[j * n + i];
  return { rows: n, cols: n, data };
}
