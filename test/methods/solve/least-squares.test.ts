import { describe, expect, test } from 'vitest';
import { leastSquares } from '../../../src/methods/solve/least-squares.ts';
import { obs } from '../../../src/methods/solve/obs.ts';
import { multiply, toMatrix64 } from '../../../src/tensor/linalg.ts';
import type { Mask, Matrix } from '../../../src/tensor/matrix.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { singleAlgebra } from '../../support/plain-algebra.ts';
import {
  killInput,
  makeProblem,
  masked,
  type Problem,
  problems,
  randomMask,
  scaleGram,
  shuffled,
  takeColumns,
  takeInputs,
} from '../../support/problems.ts';
import * as reference from '../../support/reference.ts';

const damping = 0.01;

async function solve({ weight, stats }: Problem, mask: Mask, { start = masked(weight, mask), iterations = 100 } = {}): Promise<Matrix> {
  const solved = await leastSquares.solve(
    { name: 'w', weight, start, choice: { mask }, stats, damping, algebra: singleAlgebra },
    { iterations },
  );
  expect(solved.mask).toBe(mask);
  return solved.weight;
}

const maskOf = ({ weight, seed }: Problem) => randomMask(weight, 0.5, createRandom(seed));

/** Each row's error in units of what the mask alone costs it. */
function shares(problem: Problem, mask: Mask, pruned: { rows: number; cols: number; data: ArrayLike<number> }): number[] {
  const hessian = reference.dampedHessian(problem.stats.gram, damping);
  const alone = reference.rowErrors(problem.weight, masked(problem.weight, mask), hessian);
  return reference.rowErrors(problem.weight, pruned, hessian).map((error, i) => (alone[i] === 0 ? 0 : error / alone[i]));
}

describe('least squares', () => {
  test.each(problems)('T11: leaves no residual on kept weights, and so reaches the exact optimum ($label)', async (problem) => {
    const { weight, stats } = problem;
    const mask = maskOf(problem);
    const hessian = reference.dampedHessian(stats.gram, damping);
    const best = await solve(problem, mask, { iterations: 200 });
    const difference = toMatrix64({ ...weight, data: weight.data.map((value, at) => value - best.data[at]) });
    const residual = multiply(difference, hessian);
    for (let i = 0; i < weight.rows; i++) {
      let [left, gone] = [0, 0];
      for (let j = 0; j < weight.cols; j++) {
        const [at, diagonal] = [i * weight.cols + j, hessian.data[j * weight.cols + j]];
        if (mask.data[at]) left += residual.data[at] ** 2 / diagonal;
        else gone += weight.data[at] ** 2 * diagonal;
      }
      expect(left).toBeLessThan(1e-7 * gone); // It stops at 1e-8 by its own f32 residual.
    }
    const exact = shares(problem, mask, reference.leastSquares(weight, mask, hessian));
    for (const [i, share] of shares(problem, mask, best).entries()) expect(share - exact[i]).toBeLessThan(1e-5);
  });

  test.each([...problems, makeProblem(78, 12, 120)])(
    'comes within a millionth of the optimum in 20 iterations, as steepest descent would not ($label)',
    async (problem) => {
      const { weight, stats } = problem;
      const mask = maskOf(problem);
      const hessian = reference.dampedHessian(stats.gram, damping);
      const optimum = reference.totalError(weight, reference.leastSquares(weight, mask, hessian), hessian);
      const error = reference.totalError(weight, await solve(problem, mask, { iterations: 20 }), hessian);
      expect(error).toBeLessThan((1 + 1e-6) * optimum);
    },
  );

  test.each(problems)('I1: no row is worse than the mask alone or the sweep it starts from ($label)', async (problem) => {
    const { weight, stats } = problem;
    const mask = maskOf(problem);
    const swept = await obs.solve(
      { name: 'w', weight, start: weight, choice: { mask }, stats, damping, algebra: singleAlgebra },
      { blockSize: 128 },
    );
    const before = shares(problem, mask, swept.weight);
    const after = shares(problem, mask, await solve(problem, mask, { start: swept.weight, iterations: 20 }));
    for (const [i, share] of after.entries()) {
      expect(share).toBeLessThanOrEqual(before[i] + 1e-6);
      expect(share).toBeLessThanOrEqual(1 + 1e-6);
    }
    for (const share of shares(problem, mask, await solve(problem, mask, { iterations: 3 }))) expect(share).toBeLessThanOrEqual(1 + 1e-6);
  });

  test.each(problems.slice(0, 6))('no iteration makes a row worse ($label)', async (problem) => {
    const mask = maskOf(problem);
    let before = shares(problem, mask, masked(problem.weight, mask));
    for (const iterations of [1, 2, 3, 5, 8, 13]) {
      const after = shares(problem, mask, await solve(problem, mask, { iterations }));
      for (const [i, share] of after.entries()) expect(share).toBeLessThanOrEqual(before[i] + 1e-6);
      before = after;
    }
  });

  test.each(problems)('I6: one more kept weight makes no row worse ($label)', async (problem) => {
    const mask = maskOf(problem);
    const more = { ...mask, data: mask.data.slice() };
    more.data[more.data.indexOf(0)] = 1;
    const hessian = reference.dampedHessian(problem.stats.gram, damping);
    const error = async (kept: Mask) => reference.totalError(problem.weight, await solve(problem, kept, { iterations: 200 }), hessian);
    const [before, after] = [await error(mask), await error(more)];
    expect(after).toBeLessThanOrEqual(before * (1 + 1e-5));
  });

  test.each(problems)('T10: with inputs in another order, its weights are in that order ($label)', async (problem) => {
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    const mask = maskOf(problem);
    const data = Uint8Array.from(takeColumns({ ...mask, data: Float32Array.from(mask.data) }, order).data);
    const there = await solve(takeInputs(problem, order), { ...mask, data });
    const here = takeColumns(await solve(problem, mask), order);
    expect(reference.worstDifference(there.data, here.data)).toBeLessThan(3e-3);
  });

  test.each(problems.slice(0, 6))('T7: its weights do not change with the scale of the gram ($label)', async (problem) => {
    const mask = maskOf(problem);
    const weights = await solve(problem, mask);
    for (const scale of [2 ** -14, 2 ** 14]) expect(await solve(scaleGram(problem, scale), mask)).toEqual(weights);
  });

  test.each(problems.slice(0, 6))('T16: a dead input keeps its kept weights and changes no other ($label)', async (problem) => {
    const { cols } = problem.weight;
    const dead = killInput(problem, 3);
    const mask = maskOf(problem);
    const others = Array.from({ length: cols }, (_, j) => j).filter((j) => j !== 3);
    const withoutMask = { rows: mask.rows, cols: cols - 1, data: mask.data.filter((_, at) => at % cols !== 3) };
    // A gram so small would be lost beside anything of a dead input that counted as 1.
    for (const scale of [1, 2 ** -40]) {
      const here = await solve(scaleGram(dead, scale), mask);
      const there = await solve(scaleGram(takeInputs(problem, others), scale), withoutMask);
      expect(reference.worstDifference(takeColumns(here, others).data, there.data)).toBeLessThan(1e-5);
      expect(takeColumns(here, [3])).toEqual(takeColumns(masked(problem.weight, mask), [3]));
    }
  });

  test.each(problems)('an optimum it is given it gives back bit for bit ($label)', async (problem) => {
    const { weight, stats } = problem;
    const mask = maskOf(problem);
    const exact = reference.leastSquares(weight, mask, reference.dampedHessian(stats.gram, damping));
    const start = { ...exact, data: Float32Array.from(exact.data) };
    expect(await solve(problem, mask, { start, iterations: 200 })).toEqual(start);
  });

  test('rows with nothing pruned, or everything, stay as they are', async () => {
    const problem = makeProblem(8, 3, 21);
    const mask = { rows: 3, cols: 21, data: Uint8Array.from({ length: 63 }, (_, at) => (at < 21 ? 1 : at < 42 ? 0 : at % 2)) };
    const { data } = await solve(problem, mask);
    expect(data.slice(0, 21)).toEqual(problem.weight.data.slice(0, 21));
    expect(data.slice(21, 42)).toEqual(new Float32Array(21));
  });

  test('finds the optimum without damping where two inputs are one', async () => {
    const problem = takeInputs(makeProblem(6, 4, 20), [...Array.from({ length: 20 }, (_, j) => j), 4, 4]);
    const { weight, stats } = problem;
    const mask = { rows: 4, cols: 22, data: Uint8Array.from({ length: 88 }, (_, at) => (at % 22 === 4 ? 0 : 1)) };
    const { weight: best } = await leastSquares.solve(
      { name: 'w', weight, start: masked(weight, mask), choice: { mask }, stats, damping: 0, algebra: singleAlgebra },
      { iterations: 200 },
    );
    // The twins of input 4 can take all of its weight over.
    expect(reference.totalError(weight, best, stats.gram) / reference.totalError(weight, masked(weight, mask), stats.gram)).toBeLessThan(
      1e-5,
    );
  });

  test('without a mask it is called wrongly', async () => {
    const { weight, stats } = problems[0];
    const choice = { target: { zeros: 1 }, columnWeights: (diagonal: Float64Array) => diagonal };
    await expect(
      leastSquares.solve({ name: 'w', weight, start: weight, choice, stats, damping, algebra: singleAlgebra }, { iterations: 1 }),
    ).rejects.toThrow(TypeError);
  });
});
