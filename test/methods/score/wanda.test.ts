import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { wanda } from '../../../src/methods/score/wanda.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import { problems, scaleGram, shuffled, takeColumns, takeInputs, zerosAt } from '../../support/problems.ts';

const score = async ({ weight, stats }: Pick<(typeof problems)[number], 'weight' | 'stats'>) =>
  wanda.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, {});

describe('wanda', () => {
  test('is the magnitude times the norm of the input', async () => {
    const weight = { rows: 2, cols: 3, data: Float32Array.of(1, -2, 3, -4, 5, -6) };
    const stats = { gram: { rows: 3, cols: 3, data: new Float32Array(9) }, norms: Float32Array.of(10, 0, 0.5) };
    expect(Array.from((await score({ weight, stats })).data)).toEqual([10, 0, 1.5, 40, 0, 3]);
  });

  test.each(problems)('T7: its mask does not change with the scale of the gram ($label)', async (problem) => {
    const mask = chooseMask(await score(problem), zerosAt(0.5, problem.weight), 'row');
    for (const scale of [2 ** -14, 2 ** 14])
      expect(chooseMask(await score(scaleGram(problem, scale)), zerosAt(0.5, problem.weight), 'row')).toEqual(mask);
  });

  test.each(problems)('T10: with inputs in another order, its mask is in that order ($label)', async (problem) => {
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    const saliency = await score(problem);
    expect(await score(takeInputs(problem, order))).toEqual(takeColumns(saliency, order));
  });

  test('refuses norms of another linear', async () => {
    const { weight } = problems[0];
    const stats = { gram: problems[0].stats.gram, norms: new Float32Array(weight.cols + 1) };
    await expect(score({ weight, stats })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
