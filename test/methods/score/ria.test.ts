import { describe, expect, test } from 'vitest';
import { ria } from '../../../src/methods/score/ria.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import { killInput, problems, shuffled, takeColumns, takeInputs } from '../../support/problems.ts';
import { worstDifference } from '../../support/reference.ts';

const score = async ({ weight, stats }: Pick<(typeof problems)[number], 'weight' | 'stats'>, exponent = 0.5) =>
  ria.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, { exponent });

describe('ria', () => {
  test('adds the shares of column and row and weighs them by a power of the norm', async () => {
    const weight = { rows: 2, cols: 2, data: Float32Array.of(1, -3, -1, 1) };
    const stats = { gram: { rows: 2, cols: 2, data: new Float32Array(4) }, norms: Float32Array.of(4, 9) };
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

  test.each(problems)('T10: with inputs in another order, its saliencies are in that order ($label)', async (problem) => {
    const order = shuffled(problem.weight.cols, createRandom(problem.seed));
    expect(worstDifference((await score(takeInputs(problem, order))).data, takeColumns(await score(problem), order).data)).toBeLessThan(
      1e-6,
    );
  });

  test('refuses norms of another linear', async () => {
    const stats = { gram: problems[0].stats.gram, norms: new Float32Array(1) };
    await expect(score({ weight: problems[0].weight, stats })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
