import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { wanda } from '../../../src/methods/score/wanda.ts';
import { regional } from '../../../src/methods/solve/regional.ts';
import type { Region } from '../../../src/methods/solver.ts';
import type { Matrix } from '../../../src/tensor/matrix.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra } from '../../support/plain-algebra.ts';
import { countZeros, masked, type Problem, problems, zerosAt } from '../../support/problems.ts';
import { totalError } from '../../support/reference.ts';
import { linearRegion } from '../../support/region.ts';

const options = { rounds: 3, windows: 10, rate: 0.002 };
const maskAt = async ({ weight, stats }: Problem, now: Matrix) =>
  chooseMask(await wanda.score({ weight: now, stats, damping: 0, algebra: plainAlgebra }, {}), weight, zerosAt(0.5, weight), 'row');

function begin(problem: Problem, changes: Partial<Region> = {}) {
  return {
    linears: [{ name: 'w', weight: problem.weight }],
    region: { ...linearRegion(problem, (now) => maskAt(problem, now)), ...changes },
    random: createRandom(3),
    report: () => {},
  };
}

describe('regional', () => {
  test.each(problems)('leaves a smaller error than its mask alone, and than that of the first round ($label)', async (problem) => {
    const { weight, stats } = problem;
    const [{ weight: solved, mask }] = await regional.solve(begin(problem), options);
    const error = totalError(weight, solved, stats.gram);
    expect(error).toBeLessThan(totalError(weight, masked(weight, mask), stats.gram));
    expect(error).toBeLessThan(totalError(weight, masked(weight, await maskAt(problem, weight)), stats.gram));
    expect(countZeros(solved.data)).toBe(zerosAt(0.5, weight).zeros);
  });

  test('with a rate of 0 is the mask alone', async () => {
    const [{ weight, mask }] = await regional.solve(begin(problems[1]), { ...options, rate: 0 });
    expect(weight).toEqual(masked(problems[1].weight, mask));
    expect(mask).toEqual(await maskAt(problems[1], problems[1].weight));
  });

  test('prunes once a round and once at the end, on the weights as they are then', async () => {
    const seen: Matrix[] = [];
    const chooseMasks: Region['chooseMasks'] = async ([now]) => {
      seen.push({ ...now, data: now.data.slice() });
      return [await maskAt(problems[1], now)];
    };
    await regional.solve(begin(problems[1], { chooseMasks }), options);
    expect(seen).toHaveLength(4);
    expect(seen[0]).toEqual(problems[1].weight);
    // Pruned weights have left zero, so that another mask may keep them.
    expect(countZeros(seen[1].data)).toBe(0);
  });

  test('draws every window once before any comes again, in another order with another seed', async () => {
    const drawn = async (seed: number) => {
      const windows: number[] = [];
      const inner = linearRegion(problems[0], (now) => maskAt(problems[0], now));
      const outputError: Region['outputError'] = async (window, weights, gradients) => {
        windows.push(window);
        return inner.outputError(window, weights, gradients);
      };
      await regional.solve({ ...begin(problems[0], { outputError, windows: 7 }), random: createRandom(seed) }, { ...options, windows: 10 });
      return windows;
    };
    const windows = await drawn(3);
    expect(windows).toHaveLength(30);
    for (const round of [0, 10, 20]) expect(windows.slice(round, round + 7).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await drawn(3)).toEqual(windows);
    expect(await drawn(4)).not.toEqual(windows);
  });

  test('reports its steps evenly, up to 1', async () => {
    const shares: number[] = [];
    await regional.solve({ ...begin(problems[0]), report: (share) => shares.push(share) }, options);
    expect(shares).toHaveLength(30);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });
});
