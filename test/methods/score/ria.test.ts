import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { ria } from '../../../src/methods/score/ria.ts';
import type { Statistics } from '../../../src/methods/statistics.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import { killInput, type Problem, problems, scaleGram, shuffled, takeColumns, takeInputs, zerosAt } from '../../support/problems.ts';
import { worstDifference } from '../../support/reference.ts';

const score = async ({ weight, stats }: Pick<Problem, 'weight'> & { stats: Pick<Statistics, 'norms'> }, exponent = 0.5) =>
  ria.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, { exponent });

describe('ria', () => {
  test('adds the shares of column and row and weighs them by a power of the norm', async () => {
    const weight = { rows: 2, cols: 2, data: Float32Array.of(1, -3, -1, 1) };
    const stats = { norms: Float32Array.of(4, 9) };
    const expected = [(1 / 2 + 1 / 4) * 2, (3 / 4 + 3 / 4) * 3, (1 / 2 + 1 / 2) * 2, (1 / 4 + 1 / 2) * 3];
    expect(worstDifference((await score({ weight, stats })).data, expected)).toBeLessThan(1e-7);
  });

  test('with exponent 0 forgets the norms, with 1 takes them whole', async () => {
    const { weight, stats } = problems[1];
    const [none, whole] = [await score(problems[1], 0), await score(problems[1], 1)];
    expect(
      worstDifference(
        whole.data,
        none.data.map((value, at) => value * stats.norms[at % weight.cols]),
      ),
    ).toBeLessThan(1e-6);
  });

  test('empty rows and columns and dead inputs score 0, not NaN', async () => {
    const problem = killInput(problems[2], 3);
    const { rows, cols } = problem.weight;
    const data = problem.weight.data.map((value, at) => (Math.floor(at / cols) === 1 || at % cols === 5 ? 0 : value));
    for (const exponent of [0, 0.5]) {
      const saliency = await score({ weight: { rows, cols, data }, stats: problem.stats }, exponent);
      const isEmpty = (at: number) => Math.floor(at / cols) === 1 || at % cols === 5 || at % cols === 3;
      expect(saliency.data.every((value, at) => (isEmpty(at) ? value === 0 : value > 0))).toBe(true);
    }
  });

  test.each(problems)('T7: its mask does not change with the scale of the gram, whatever the exponent ($label)', async (problem) => {
    for (const exponent of [0.5, 1])
      for (const target of [0.3, 0.5, 0.71].map((sparsity) => zerosAt(sparsity, problem.weight))) {
        const mask = chooseMask(await score(problem, exponent), problem.weight, target, 'matrix');
        for (const scale of [1e-4, 1e4])
          expect(chooseMask(await score(scaleGram(problem, scale), exponent), problem.weight, target, 'matrix')).toEqual(mask);
      }
  });

  // A dead input's weights still count in the sums of their rows: without that input the others would have other shares.
  test.each(problems)(
    'T16: a dead input goes first in every row, and the others get the mask they get while it lives ($label)',
    async (problem) => {
      const { weight } = problem;
      const others = Array.from({ length: weight.cols }, (_, j) => j).filter((j) => j !== 5);
      const [saliency, living] = [await score(killInput(problem, 5)), await score(problem)];
      for (const { zeros } of [0, 0.3, 0.71].map((sparsity) => zerosAt(sparsity, takeColumns(weight, others)))) {
        const mask = chooseMask(saliency, weight, { zeros: zeros + weight.rows }, 'matrix').data;
        const expected = chooseMask(takeColumns(living, others), takeColumns(weight, others), { zeros }, 'matrix').data;
        expect(Array.from(mask).filter((_, at) => at % weight.cols !== 5)).toEqual(Array.from(expected));
        expect(Array.from(mask).filter((kept, at) => at % weight.cols === 5 && kept)).toEqual([]);
      }
    },
  );

  test.each(problems)('T16: where a dead input has no weight, the others get the mask they get without it ($label)', async (problem) => {
    const { rows, cols } = problem.weight;
    const others = Array.from({ length: cols }, (_, j) => j).filter((j) => j !== 5);
    const there = takeInputs(problem, others);
    const here = { rows, cols, data: problem.weight.data.map((value, at) => (at % cols === 5 ? 0 : value)) };
    const { zeros } = zerosAt(0.5, there.weight);
    const mask = chooseMask(
      await score({ weight: here, stats: killInput(problem, 5).stats }),
      here,
      { zeros: zeros + rows },
      'matrix',
    ).data;
    expect(Array.from(mask).filter((_, at) => at % cols !== 5)).toEqual(
      Array.from(chooseMask(await score(there), there.weight, { zeros }, 'matrix').data),
    );
  });

  test('T16: where there are more dead weights than zeros, only dead ones go, those of the first rows', async () => {
    const { weight, stats } = killInput(problems[2], 5);
    const mask = chooseMask(await score({ weight, stats }), weight, { zeros: 2 }, 'matrix').data;
    expect(Array.from(mask.keys()).filter((at) => mask[at] === 0)).toEqual([5, weight.cols + 5]);
  });

  test.each(problems)('T10: with inputs in another order, its saliencies are in that order ($label)', async (problem) => {
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    expect(worstDifference((await score(takeInputs(problem, order))).data, takeColumns(await score(problem), order).data)).toBeLessThan(
      1e-6,
    );
  });

  test('refuses norms of another linear', async () => {
    const stats = { norms: new Float32Array(1) };
    await expect(score({ weight: problems[0].weight, stats })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
