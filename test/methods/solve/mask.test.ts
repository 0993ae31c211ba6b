import { expect, test } from 'vitest';
import { mask } from '../../../src/methods/solve/mask.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import { makeProblem, masked, randomMask } from '../../support/problems.ts';

test('mask only zeroes the pruned weights and copies the others', async () => {
  const { weight, stats } = makeProblem(1, 6, 19);
  const choice = { mask: randomMask(weight, 0.5, createRandom(1)) };
  const solved = await mask.solve({ name: 'w', weight, start: weight, choice, stats, damping: 0.01, algebra: plainAlgebra }, {});
  expect(solved).toEqual({ weight: masked(weight, choice.mask), mask: choice.mask, damping: 0 });
  expect(solved.weight.data).not.toBe(weight.data);
});
