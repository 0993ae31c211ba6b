import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { wanda } from '../../../src/methods/score/wanda.ts';
import type { Statistics } from '../../../src/methods/statistics.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import { killInput, type Problem, problems, scaleGram, shuffled, takeColumns, takeInputs, zerosAt } from '../../support/problems.ts';

const score = async ({ weight, stats }: Pick<Problem, 'weight'> & { stats: Pick<Statistics, 'norms'> }) =>
  wanda.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, {});

describe('wanda', () => {
  test('is the magnitude times the norm of the input', async () => {
    const weight = { rows: 2, cols: 3, data: Float32Array.of(1, -2, 3, -4, 5, -6) };
    const stats = { norms: Float32Array.of(10, 0, 0.5) };
    expect(Array.from((await score({ weight, stats })).data)).toEqual([10, 0, 1.5, 40, 0, 3]);
  });

  test.each(problems)('T7: its mask does not change with the scale of the gram ($label)', async (problem) => {
    const mask = chooseMask(await score(problem), problem.weight, zerosAt(0.5, problem.weight), 'row');
    for (const scale of [2 ** -14, 2 ** 14])
      expect(chooseMask(await score(scaleGram(problem, scale)), problem.weight, zerosAt(0.5, problem.weight), 'row')).toEqual(mask);
  });

  test.each(problems)('T10: with inputs in another order, its mask is in that order ($label)', async (problem) => {
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    const saliency = await score(problem);
    expect(await score(takeInputs(problem, order))).toEqual(takeColumns(saliency, order));
  });

  // Rows rank apart from each other, so a dead input costs every row one zero and no row anything else.
  test.each(problems)(
    'T16: a dead input goes first in every row, and the other inputs get the mask they get without it ($label)',
    async (problem) => {
      const { rows, cols } = problem.weight;
      const others = Array.from({ length: cols }, (_, j) => j).filter((j) => j !== 5);
      const [here, there] = [killInput(problem, 5), takeInputs(problem, others)];
      for (const { zeros } of [0, 0.3, 0.71].map((sparsity) => zerosAt(sparsity, there.weight))) {
        const mask = chooseMask(await score(here), here.weight, { zeros: zeros + rows }, 'row').data;
        const expected = chooseMask(await score(there), there.weight, { zeros }, 'row').data;
        expect(Array.from(mask).filter((_, at) => at % cols !== 5)).toEqual(Array.from(expected));
        expect(Array.from(mask).filter((kept, at) => at % cols === 5 && kept)).toEqual([]);
      }
    },
  );

  test('refuses norms of another linear', async () => {
    const { weight } = problems[0];
    const stats = { norms: new Float32Array(weight.cols + 1) };
    await expect(score({ weight, stats })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
