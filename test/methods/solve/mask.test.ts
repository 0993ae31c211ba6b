import { expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { wanda } from '../../../src/methods/score/wanda.ts';
import { mask } from '../../../src/methods/solve/mask.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import {
  killInput,
  makeProblem,
  masked,
  type Problem,
  problems,
  randomMask,
  takeColumns,
  takeInputs,
  zerosAt,
} from '../../support/problems.ts';

test('mask only zeroes the pruned weights and copies the others', async () => {
  const { weight, stats } = makeProblem(1, 6, 19);
  const choice = { mask: randomMask(weight, 0.5, createRandom(1)) };
  const solved = await mask.solve({ name: 'w', weight, start: weight, choice, stats, damping: 0.01, algebra: plainAlgebra }, {});
  expect(solved).toEqual({ weight: masked(weight, choice.mask), mask: choice.mask, damping: 0 });
  expect(solved.weight.data).not.toBe(weight.data);
});

async function pruneByWanda({ weight, stats }: Problem, zeros: number) {
  const common = { weight, stats, damping: 0.01, algebra: plainAlgebra };
  const choice = { mask: chooseMask(await wanda.score(common, {}), weight, { zeros }, 'row') };
  return (await mask.solve({ ...common, name: 'w', start: weight, choice }, {})).weight;
}

test.each(problems)(
  'T16: after Wanda a dead input has no weight left and the others have those they have without it ($label)',
  async (problem) => {
    const { rows, cols } = problem.weight;
    const others = Array.from({ length: cols }, (_, j) => j).filter((j) => j !== 7);
    const without = takeInputs(problem, others);
    const { zeros } = zerosAt(0.4, without.weight);
    const here = await pruneByWanda(killInput(problem, 7), zeros + rows);
    expect(takeColumns(here, [7]).data).toEqual(new Float32Array(rows));
    expect(takeColumns(here, others)).toEqual(await pruneByWanda(without, zeros));
  },
);
