import { describe, expect, test } from 'vitest';
import { outputErrors, rowErrors } from '../../src/methods/output-error.ts';
import { multiply, toMatrix64, transpose } from '../../src/tensor/linalg.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { singleAlgebra } from '../support/plain-algebra.ts';
import { makeProblem, masked, problems, randomMask } from '../support/problems.ts';
import { rowErrors as plainRowErrors, totalError } from '../support/reference.ts';

describe('outputErrors', () => {
  test.each(problems)('is the error in the undamped gram over the dense energy ($label)', async ({ weight, stats, seed }) => {
    const pruned = masked(weight, randomMask(weight, 0.3, createRandom(seed)));
    const zero = { ...weight, data: new Float32Array(weight.data.length) };
    const [, { absolute, relative }] = await outputErrors(weight, [weight, pruned], stats.gram, singleAlgebra);
    const expected = totalError(weight, pruned, stats.gram);
    expect(absolute / expected).toBeCloseTo(1, 5);
    expect(relative / (expected / totalError(weight, zero, stats.gram))).toBeCloseTo(1, 5);
  });

  test('is what the outputs themselves differ by', async () => {
    const random = createRandom(2);
    const normal = (rows: number, cols: number) => ({
      rows,
      cols,
      data: Float32Array.from({ length: rows * cols }, () => random.gaussian()),
    });
    const [x, w, v] = [normal(30, 5), normal(3, 5), normal(3, 5)];
    const gram = multiply(transpose(toMatrix64(x)), toMatrix64(x));
    const outputs = (weight: typeof w) => multiply(toMatrix64(x), transpose(toMatrix64(weight))).data;
    const expected = outputs(w).reduce((sum, y, i) => sum + (y - outputs(v)[i]) ** 2, 0);
    const [{ absolute }] = await outputErrors(w, [v], { ...gram, data: Float32Array.from(gram.data) }, singleAlgebra);
    expect(absolute / expected).toBeCloseTo(1, 5);
  });

  test('is 0 for the dense weight, also where nothing comes in', async () => {
    const { weight, stats } = makeProblem(1, 4, 9);
    expect(await outputErrors(weight, [weight], stats.gram, singleAlgebra)).toEqual([{ relative: 0, absolute: 0 }]);
    const silent = { ...stats.gram, data: new Float32Array(81) };
    const nothing = { ...weight, data: new Float32Array(36) };
    expect(await outputErrors(weight, [nothing], silent, singleAlgebra)).toEqual([{ relative: 0, absolute: 0 }]);
    expect(await outputErrors(weight, [nothing], stats.gram, singleAlgebra)).toMatchObject([{ relative: 1 }]);
  });

  test('is the sum of the errors of its rows', async () => {
    const { weight, stats } = makeProblem(3, 9, 14);
    const version = masked(weight, randomMask(weight, 0.5, createRandom(1)));
    const rows = await rowErrors(weight, version, stats.gram, singleAlgebra);
    expect(rows).toHaveLength(9);
    for (const [i, error] of plainRowErrors(weight, version, stats.gram).entries()) expect(rows[i] / error).toBeCloseTo(1, 4);
  });

  test('refuses shapes that do not belong together', async () => {
    const [{ weight }, { stats }] = [makeProblem(1, 4, 9), makeProblem(1, 4, 10)];
    await expect(outputErrors(weight, [weight], stats.gram, singleAlgebra)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
