import { describe, expect, test } from 'vitest';
import type { ErrorCurve } from '../../../src/methods/error-curve.ts';
import { errorCurve } from '../../../src/methods/measure/error-curve.ts';
import { invertSpd } from '../../../src/tensor/linalg.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { blockOf } from '../../support/blocks.ts';
import { plainAlgebra, singleAlgebra } from '../../support/plain-algebra.ts';
import {
  killInput,
  makeDiagonal,
  makeProblem,
  masked,
  type Problem,
  problems,
  scaleGram,
  shuffled,
  takeInputs,
} from '../../support/problems.ts';
import { dampedHessian, totalError } from '../../support/reference.ts';

async function curveOf({ weight, stats }: Problem, damping = 0.01, algebra = singleAlgebra): Promise<ErrorCurve> {
  const [found] = await errorCurve.measureBlock(blockOf({ weight, stats, damping, algebra }), {});
  if (!found || !('curve' in found)) throw new Error('no curve');
  return found.curve;
}

const energyOf = ({ weight, stats }: Problem) => totalError(weight, { ...weight, data: new Float32Array(weight.data.length) }, stats.gram);

describe('the error curve', () => {
  test.each(problems)('adds up the least saliencies over the energy of the output ($label)', async (problem) => {
    const { weight, stats } = problem;
    const inverse = invertSpd(dampedHessian(stats.gram, 0.01));
    const saliencies = Array.from(weight.data, (value, at) => value ** 2 / inverse.data[(at % weight.cols) * (weight.cols + 1)]);
    const ascending = saliencies.toSorted((a, b) => a - b);
    const energy = energyOf(problem);
    const curve = await curveOf(problem);
    expect(curve.map(({ sparsity }) => sparsity)).toEqual(Array.from({ length: 19 }, (_, i) => (i + 1) / 20));
    for (const { sparsity, error } of curve) {
      const sum = ascending.slice(0, Math.round(sparsity * ascending.length)).reduce((total, value) => total + value, 0);
      expect(error / (sum / energy)).toBeCloseTo(1, 4);
    }
  });

  test('with inputs that have nothing to do with each other, and no damping, is the very error of taking those weights out', async () => {
    const problem = makeDiagonal(makeProblem(3, 8, 40));
    const { weight, stats } = problem;
    const worth = weight.data.map((value, at) => value ** 2 * stats.gram.data[(at % 40) * 41]);
    const order = Array.from(worth.keys()).sort((a, b) => worth[a] - worth[b]);
    const gone = new Set(order.slice(0, 160));
    const mask = { rows: 8, cols: 40, data: Uint8Array.from(worth, (_, at) => (gone.has(at) ? 0 : 1)) };
    const error = totalError(weight, masked(weight, mask), stats.gram) / energyOf(problem);
    expect((await curveOf(problem, 0, plainAlgebra))[9].error).toBeCloseTo(error, 6);
  });

  test.each(problems)('does not change with the scale of the gram or the order of the inputs ($label)', async (problem) => {
    const expected = await curveOf(problem);
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    for (const same of [scaleGram(problem, 2 ** 14), scaleGram(problem, 2 ** -14), takeInputs(problem, order)])
      for (const [i, { error }] of (await curveOf(same)).entries()) expect(error / expected[i].error).toBeCloseTo(1, 3);
  });

  test('takes weights of dead inputs out for nothing', async () => {
    const [killed] = await curveOf([1, 2, 3, 4, 5].reduce(killInput, makeProblem(7, 10, 50)));
    expect(killed).toEqual({ sparsity: 0.05, error: 0 });
  });

  test('is 0 throughout where the output is 0', async () => {
    const problem = makeProblem(8, 5, 20);
    const curve = await curveOf({ ...problem, weight: { ...problem.weight, data: new Float32Array(100) } });
    expect(curve.every(({ error }) => error === 0)).toBe(true);
  });

  test('refuses the gram of another linear', async () => {
    const [{ weight }, { stats }] = [makeProblem(1, 4, 20), makeProblem(1, 4, 21)];
    await expect(curveOf({ label: '', seed: 0, weight, stats })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
