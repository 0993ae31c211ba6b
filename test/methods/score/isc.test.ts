import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { isc } from '../../../src/methods/score/isc.ts';
import { wanda } from '../../../src/methods/score/wanda.ts';
import { obs as sweep } from '../../../src/methods/solve/obs.ts';
import type { Target } from '../../../src/methods/solver.ts';
import { invertSpd } from '../../../src/tensor/linalg.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra, singleAlgebra } from '../../support/plain-algebra.ts';
import {
  killInput,
  makeDiagonal,
  makeProblem,
  type Problem,
  problems,
  scaleGram,
  shuffled,
  takeColumns,
  takeInputs,
  zerosAt,
} from '../../support/problems.ts';
import { dampedHessian, worstDifference } from '../../support/reference.ts';

const score = async ({ weight, stats }: Problem, damping = 0.01) =>
  isc.score({ weight, stats, damping, algebra: singleAlgebra }, { form: 'static' });

describe('isc, static', () => {
  test.each(problems)('is W² times the diagonal of the Hessian plus the inverse of that of its inverse ($label)', async (problem) => {
    const { weight, stats } = problem;
    const hessian = dampedHessian(stats.gram, 0.01);
    const inverse = invertSpd(hessian);
    const expected = weight.data.map((value, at) => {
      const diagonal = (at % weight.cols) * (weight.cols + 1);
      return value ** 2 * (hessian.data[diagonal] + 1 / inverse.data[diagonal]);
    });
    expect(worstDifference((await score(problem)).data, expected)).toBeLessThan(1e-6);
  });

  test.each(problems)('I9: is W²·H[j,j] times a factor of 1 to 2 ($label)', async (problem) => {
    const { weight, stats } = problem;
    const hessian = dampedHessian(stats.gram, 0.01);
    const ratios = Array.from((await score(problem)).data, (value, at) => {
      const j = at % weight.cols;
      return value / (weight.data[at] ** 2 * hessian.data[j * (weight.cols + 1)]);
    });
    expect(Math.min(...ratios)).toBeGreaterThan(1);
    expect(Math.max(...ratios)).toBeLessThan(2 + 1e-6);
  });

  test('dead inputs score 0', async () => {
    const saliency = await score(killInput(problems[4], 2));
    expect(saliency.data.every((value, at) => (at % saliency.cols === 2 ? value === 0 : value > 0))).toBe(true);
  });

  test.each(problems)('T7: its mask does not change with the scale of the gram ($label)', async (problem) => {
    const { weight } = problem;
    const mask = chooseMask(await score(problem), weight, zerosAt(0.5, weight), 'matrix');
    for (const scale of [2 ** -14, 2 ** 14])
      expect(chooseMask(await score(scaleGram(problem, scale)), weight, zerosAt(0.5, weight), 'matrix')).toEqual(mask);
  });

  test.each(problems)('T8: with a diagonal gram and no damping it ranks as Wanda does ($label)', async (problem) => {
    const diagonal = makeDiagonal(problem);
    const { weight, stats } = diagonal;
    const norms = await wanda.score({ weight, stats, damping: 0, algebra: plainAlgebra }, {});
    const own = await score(diagonal, 0);
    const twice = norms.data.map((value) => 2 * value ** 2);
    expect(worstDifference(own.data, twice)).toBeLessThan(1e-6);
    for (const scope of ['row', 'matrix'] as const)
      expect(chooseMask(own, weight, zerosAt(0.5, weight), scope)).toEqual(chooseMask(norms, weight, zerosAt(0.5, weight), scope));
  });

  test.each(problems)('T10: with inputs in another order, its saliencies are in that order ($label)', async (problem) => {
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    const [here, there] = [await score(takeInputs(problem, order)), takeColumns(await score(problem), order)];
    expect(worstDifference(here.data, there.data)).toBeLessThan(1e-4);
  });

  test('refuses the gram of another linear', async () => {
    const [{ weight }, { stats }] = [makeProblem(1, 4, 20), makeProblem(1, 4, 21)];
    await expect(score({ label: '', seed: 0, weight, stats })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});

describe('isc, sequential', () => {
  const { stats } = makeProblem(9, 5, 33);

  test('adds the inverse square of U[j,j] to the diagonal, and gives the last column twice what Wanda does', async () => {
    const { diagonal, hessianDiagonal } = await plainAlgebra.inverseFactor(stats.gram, 0.01);
    const weights = isc.sequential!(hessianDiagonal, diagonal, { form: 'sequential' }, stats)!;
    const expected = hessianDiagonal.map((value, j) => value + diagonal[j] ** -2);
    expect(worstDifference(weights, expected)).toBeLessThan(1e-15);
    expect(weights[32] / hessianDiagonal[32]).toBeCloseTo(2, 10);
  });

  test('is the default, and gives way where the static form is asked for', () => {
    expect(v.parse(isc.options, {})).toEqual({ form: 'sequential' });
    expect(isc.sequential!(Float64Array.of(1), Float64Array.of(1), { form: 'static' }, stats)).toBeUndefined();
  });

  test.each(problems)(
    'T7: the mask of a sweep does not change with the scale of the gram, nor does that of 2:4 ($label)',
    async (problem) => {
      const width = problem.weight.cols - (problem.weight.cols % 4);
      const whole = takeInputs(
        problem,
        Array.from({ length: width }, (_, j) => j),
      );
      const maskOf = async ({ weight, stats }: Problem, target: Target) => {
        const choice = {
          target,
          columnWeights: (h: Float64Array, u: Float64Array) => isc.sequential!(h, u, { form: 'sequential' }, stats)!,
        };
        const input = { name: 'w', weight, start: weight, choice, stats, damping: 0.01, algebra: singleAlgebra };
        return (await sweep.solve(input, { blockSize: 16 })).mask;
      };
      for (const target of [zerosAt(0.5, whole.weight), { n: 2, m: 4 }])
        expect(await maskOf(scaleGram(whole, 2 ** -14), target)).toEqual(await maskOf(whole, target));
    },
  );
});
