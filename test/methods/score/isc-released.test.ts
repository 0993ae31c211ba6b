import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { iscReleased } from '../../../src/methods/score/isc-released.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import { killInput, makeProblem, type Problem, problems, scaleGram, zerosAt } from '../../support/problems.ts';
import { dampedHessian, upperFactor, worstDifference } from '../../support/reference.ts';

const score = async ({ weight, stats }: Problem) => iscReleased.score({ weight, stats, damping: 0.01, algebra: plainAlgebra }, {});

/** As the released code has it, on the Hessian that it has: 2 / windows · XᵀX. */
function released({ weight, stats }: Problem): Float32Array {
  const gram = { ...stats.gram, data: stats.gram.data.map((value) => (2 * value) / stats.windows) };
  const hessian = dampedHessian(gram, 0.01);
  const factor = upperFactor(hessian);
  return weight.data.map((value, at) => {
    const diagonal = (at % weight.cols) * (weight.cols + 1);
    return value ** 2 * (hessian.data[diagonal] + 1 / factor.data[diagonal]);
  });
}

describe('isc-released', () => {
  test.each(problems)('has the first power of U[j,j], on the Hessian of the released code ($label)', async (problem) => {
    expect(worstDifference((await score(problem)).data, released(problem))).toBeLessThan(1e-5);
  });

  test('weighs the columns of a sweep the same way', async () => {
    const { stats } = problems[3];
    const { diagonal, hessianDiagonal } = await plainAlgebra.inverseFactor(stats.gram, 0.01);
    const weights = iscReleased.sequential!(hessianDiagonal, diagonal, {}, stats)!;
    const ones = { rows: 1, cols: weights.length, data: new Float32Array(weights.length).fill(1) };
    expect(worstDifference(weights, (await score({ ...problems[3], weight: ones })).data)).toBeLessThan(1e-6);
  });

  test('T7 fails, as it must: with the gram scaled by 1e-4 it is another mask', async () => {
    let changed = 0;
    for (const problem of problems) {
      const { weight } = problem;
      const [own, scaled] = [await score(problem), await score(scaleGram(problem, 1e-4))];
      const [a, b] = [own, scaled].map((saliency) => chooseMask(saliency, weight, zerosAt(0.5, weight), 'matrix').data);
      if (a.some((kept, at) => kept !== b[at])) changed++;
    }
    expect(changed).toBeGreaterThan(problems.length / 2);
  });

  test('dead inputs score 0', async () => {
    const saliency = await score(killInput(problems[4], 2));
    expect(saliency.data.every((value, at) => (at % saliency.cols === 2 ? value === 0 : value > 0))).toBe(true);
  });

  test('refuses the gram of another linear', async () => {
    const [{ weight }, { stats }] = [makeProblem(1, 4, 20), makeProblem(1, 4, 21)];
    await expect(score({ label: '', seed: 0, weight, stats })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
