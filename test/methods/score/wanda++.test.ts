import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { wanda } from '../../../src/methods/score/wanda.ts';
import { wandaPlusPlus } from '../../../src/methods/score/wanda++.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import { killInput, type Problem, problems, shuffled, takeColumns, takeInputs, zerosAt } from '../../support/problems.ts';
import { worstDifference } from '../../support/reference.ts';

const score = async (
  { weight, stats }: Pick<Problem, 'weight'> & { stats: Pick<Problem['stats'], 'norms' | 'windows' | 'blockGradient'> },
  alpha = 100,
) => wandaPlusPlus.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, { alpha });

describe('wanda++', () => {
  test('adds the norm over the root of the windows to α times the gradient', async () => {
    const weight = { rows: 2, cols: 2, data: Float32Array.of(1, -2, -3, 0) };
    const blockGradient = { rows: 2, cols: 2, data: Float32Array.of(0.5, 0, 0.25, 1) };
    const stats = { norms: Float32Array.of(4, 10), windows: 4, blockGradient };
    expect(Array.from((await score({ weight, stats }, 8)).data)).toEqual([1 * (2 + 4), 2 * 5, 3 * (2 + 2), 0]);
  });

  test('says the same of a text that is read twice', async () => {
    const { weight, stats } = problems[2];
    const twice = { ...stats, norms: stats.norms.map((norm) => norm * Math.SQRT2), windows: 2 * stats.windows };
    expect(worstDifference((await score({ weight, stats: twice })).data, (await score({ weight, stats })).data)).toBeLessThan(1e-6);
  });

  test.each(problems)('with α 0 ranks as Wanda does, and not with the default ($label)', async (problem) => {
    const { weight, stats } = problem;
    const maskOf = (saliency: Awaited<ReturnType<typeof score>>) => chooseMask(saliency, weight, zerosAt(0.5, weight), 'row');
    const expected = maskOf(await wanda.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, {}));
    expect(maskOf(await score(problem, 0))).toEqual(expected);
    expect(maskOf(await score(problem))).not.toEqual(expected);
  });

  test.each(problems)('T10: with inputs in another order, its saliencies are in that order ($label)', async (problem) => {
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    expect(await score(takeInputs(problem, order))).toEqual(takeColumns(await score(problem), order));
  });

  test('dead inputs score 0', async () => {
    const saliency = await score(killInput(problems[4], 2));
    expect(saliency.data.every((value, at) => (at % saliency.cols === 2 ? value === 0 : value > 0))).toBe(true);
  });

  test('refuses norms and gradients of another linear', async () => {
    const { weight, stats } = problems[0];
    const wide = { rows: weight.rows, cols: weight.cols + 1, data: new Float32Array(weight.data.length + weight.rows) };
    for (const wrong of [{ norms: new Float32Array(weight.cols + 1) }, { blockGradient: wide }])
      await expect(score({ weight, stats: { ...stats, ...wrong } })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
