/** The laws of criteria that blend the loudness of the input with a gradient, whatever the gradient is of. */

import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../src/methods/mask-rule.ts';
import { wanda } from '../../src/methods/score/wanda.ts';
import type { LinearStatistics } from '../../src/methods/statistics.ts';
import type { Matrix } from '../../src/tensor/matrix.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { plainAlgebra } from './plain-algebra.ts';
import { killInput, type Problem, problems, shuffled, takeColumns, takeInputs, zerosAt } from './problems.ts';
import { worstDifference } from './reference.ts';

type Gradient = 'lossGradient' | 'blockGradient';

export interface Scored {
  readonly weight: Matrix;
  readonly stats: Pick<LinearStatistics, 'norms' | 'windows' | Gradient>;
}

/**
 * @param gradient  the one that is read
 * @param score     with the criterion's own α unless given
 */
export function describeBlend(name: string, gradient: Gradient, score: (scored: Scored, alpha?: number) => Promise<Matrix>): void {
  describe(name, () => {
    test('adds the norm over the root of the windows to α times the gradient', async () => {
      const weight = { rows: 2, cols: 2, data: Float32Array.of(1, -2, -3, 0) };
      const stats = {
        ...{ norms: Float32Array.of(4, 10), windows: 4 },
        // The other one is not to be read.
        ...{
          lossGradient: { ...weight, data: new Float32Array(4).fill(7) },
          blockGradient: { ...weight, data: new Float32Array(4).fill(7) },
        },
        [gradient]: { rows: 2, cols: 2, data: Float32Array.of(0.5, 0, 0.25, 1) },
      };
      expect(Array.from((await score({ weight, stats }, 8)).data)).toEqual([1 * (2 + 4), 2 * 5, 3 * (2 + 2), 0]);
    });

    test('says the same of a text that is read twice', async () => {
      const { weight, stats } = problems[2];
      const twice = { ...stats, norms: stats.norms.map((norm) => norm * Math.SQRT2), windows: 2 * stats.windows };
      expect(worstDifference((await score({ weight, stats: twice })).data, (await score({ weight, stats })).data)).toBeLessThan(1e-6);
    });

    test.each(problems)('with α 0 ranks as Wanda does, and not with the default ($label)', async (problem) => {
      const { weight, stats } = problem;
      const maskOf = (saliency: Matrix) => chooseMask(saliency, weight, zerosAt(0.5, weight), 'row');
      const expected = maskOf(await wanda.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, {}));
      expect(maskOf(await score(problem, 0))).toEqual(expected);
      expect(maskOf(await score(problem))).not.toEqual(expected);
    });

    test.each(problems)('T10: with inputs in another order, its saliencies are in that order ($label)', async (problem: Problem) => {
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
      for (const wrong of [{ norms: new Float32Array(weight.cols + 1) }, { [gradient]: wide }])
        await expect(score({ weight, stats: { ...stats, ...wrong } })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    });
  });
}
