import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { obs } from '../../../src/methods/score/obs.ts';
import { wanda } from '../../../src/methods/score/wanda.ts';
import { leastSquares as leastSquaresSolver } from '../../../src/methods/solve/least-squares.ts';
import { invertSpd } from '../../../src/tensor/linalg.ts';
import { createRandom } from '../../../src/tensor/random.ts';
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
  takeColumns,
  takeInputs,
  zerosAt,
} from '../../support/problems.ts';
import { dampedHessian, rowErrors, worstDifference } from '../../support/reference.ts';

const score = async ({ weight, stats }: Problem, damping = 0.01) =>
  obs.score({ weight, stats, damping, algebra: singleAlgebra }, { form: 'static' });

describe('obs, static', () => {
  test.each(problems)('is W² over the diagonal of the inverse Hessian ($label)', async (problem) => {
    const { weight, stats } = problem;
    const inverse = invertSpd(dampedHessian(stats.gram, 0.01));
    const expected = weight.data.map((value, at) => value ** 2 / inverse.data[(at % weight.cols) * (weight.cols + 1)]);
    expect(worstDifference((await score(problem)).data, expected)).toBeLessThan(1e-6);
  });

  test.each(problems)('T9: is the error that least squares on the other weights leaves when one weight goes ($label)', async (problem) => {
    const { weight, stats, seed } = problem;
    const hessian = dampedHessian(stats.gram, 0.01);
    const inverse = invertSpd(hessian);
    const { cols } = weight;
    const row = { rows: 1, cols, data: weight.data.slice(0, cols) };
    const gone = createRandom(seed).below(cols);
    const mask = { rows: 1, cols, data: Uint8Array.from({ length: cols }, (_, j) => (j === gone ? 0 : 1)) };
    const { weight: best } = await leastSquaresSolver.solve(
      { name: 'w', weight: row, start: masked(row, mask), choice: { mask }, stats, damping: 0.01, algebra: plainAlgebra },
      { iterations: 200 },
    );
    const step = row.data[gone] / inverse.data[gone * cols + gone];
    const updated = Float64Array.from(row.data, (value, j) => (j === gone ? 0 : value - step * inverse.data[gone * cols + j]));
    // Conjugate gradients stop at 1e-4 of the energy, and weights of quiet inputs are known less well than the error.
    expect(worstDifference(best.data, updated)).toBeLessThan(2e-3);
    const [error] = rowErrors(row, best, hessian);
    expect((await score(problem)).data[gone] / error).toBeCloseTo(1, 4);
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
    const norms = await wanda.score({ weight: diagonal.weight, stats: diagonal.stats, damping: 0, algebra: plainAlgebra }, {});
    const squares = norms.data.map((value) => value ** 2);
    expect(worstDifference((await score(diagonal, 0)).data, squares)).toBeLessThan(1e-6);
    for (const scope of ['row', 'matrix'] as const) {
      const target = zerosAt(0.5, diagonal.weight);
      const own = chooseMask(await score(diagonal, 0), diagonal.weight, target, scope);
      expect(own).toEqual(chooseMask(norms, diagonal.weight, target, scope));
    }
  });

  test.each(problems)('T10: with inputs in another order, its saliencies are in that order ($label)', async (problem) => {
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    expect(worstDifference((await score(takeInputs(problem, order))).data, takeColumns(await score(problem), order).data)).toBeLessThan(
      1e-4,
    );
  });

  test('refuses the gram of another linear', async () => {
    const [{ weight }, { stats }] = [makeProblem(1, 4, 20), makeProblem(1, 4, 21)];
    await expect(score({ label: '', seed: 0, weight, stats })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});

describe('obs, sequential', () => {
  const { weight, stats } = makeProblem(9, 5, 33);

  test('weighs a column by the inverse square of U[j,j], the last one as Wanda does', async () => {
    const { diagonal, hessianDiagonal } = await plainAlgebra.inverseFactor(stats.gram, 0.01);
    const weights = obs.sequential!(hessianDiagonal, diagonal, { form: 'sequential' }, stats)!;
    expect(
      worstDifference(
        weights,
        diagonal.map((value) => value ** -2),
      ),
    ).toBeLessThan(1e-15);
    expect(weights[32] / hessianDiagonal[32]).toBeCloseTo(1, 10);
    const inverse = invertSpd(dampedHessian(stats.gram, 0.01));
    expect(weights[0] * inverse.data[0]).toBeCloseTo(1, 10);
    expect(weights.every((value, j) => value >= (1 - 1e-9) / inverse.data[j * (weight.cols + 1)])).toBe(true);
  });

  test('is the default, and gives way where the static form is asked for', () => {
    expect(v.parse(obs.options, {})).toEqual({ form: 'sequential' });
    expect(obs.sequential!(Float64Array.of(1), Float64Array.of(1), { form: 'static' }, stats)).toBeUndefined();
  });
});
