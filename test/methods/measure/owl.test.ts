import { describe, expect, test } from 'vitest';
import { owl } from '../../../src/methods/measure/owl.ts';
import { blockOf } from '../../support/blocks.ts';
import { singleAlgebra } from '../../support/plain-algebra.ts';
import { makeProblem, type Problem } from '../../support/problems.ts';

const block = (...problems: readonly Problem[]) =>
  blockOf(...problems.map(({ weight, stats }) => ({ weight, stats, damping: 0.01, algebra: singleAlgebra })));

async function outliersOf(problems: readonly Problem[], m = 5): Promise<readonly number[]> {
  const found = await owl.measureBlock(block(...problems), { m });
  return found.map((one) => ('value' in one ? one.value : Number.NaN));
}

const scaled = (problem: Problem, factor: number): Problem => ({
  ...problem,
  weight: { ...problem.weight, data: problem.weight.data.map((w) => factor * w) },
});

describe('owl', () => {
  const problems = [makeProblem(1, 11, 40), makeProblem(2, 40, 25), makeProblem(3, 7, 40)];

  test.each([3, 5, 7])('counts scores above %d times the mean, over all matrices of the block', async (m) => {
    const scores = problems.flatMap(({ weight, stats }) =>
      Array.from(weight.data, (w, at) => Math.abs(w) * stats.norms[at % weight.cols]!),
    );
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const expected = (100 * scores.filter((score) => score > m * mean).length) / scores.length;
    expect(expected).toBeGreaterThan(0);
    expect(await outliersOf(problems, m)).toEqual([expected, expected, expected]);
  });

  test('does not depend on the scale of the weights or of the inputs of the block', async () => {
    const expected = await outliersOf(problems);
    const louder = problems.map((problem) => ({
      ...problem,
      stats: { ...problem.stats, norms: problem.stats.norms.map((norm) => 8 * norm) },
    }));
    expect(await outliersOf(problems.map((problem) => scaled(problem, -0.25)))).toEqual(expected);
    expect(await outliersOf(louder)).toEqual(expected);
    expect(await outliersOf([problems[0]!, scaled(problems[1]!, 4), problems[2]!])).not.toEqual(expected);
  });

  test('is 0 where all weights are 0', async () => {
    expect(await outliersOf([scaled(problems[0]!, 0)])).toEqual([0]);
  });

  test('refuses norms of another linear', async () => {
    const [{ weight }, { stats }] = [makeProblem(1, 4, 20), makeProblem(1, 4, 21)];
    await expect(outliersOf([{ ...problems[0]!, weight, stats }])).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
