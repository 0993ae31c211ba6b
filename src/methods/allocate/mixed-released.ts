/** Mixed, as released: the published rule with its faults, to replicate published figures. */

import * as v from 'valibot';
import { defineAllocator } from '../allocator.ts';
import { sensitivityAt } from '../sensitivity.ts';

/**
 *     spa_i = L + id_i (R - L) / (len - 1),  R = 2 (1 - p) - L,  s_i = 1 - spa_i
 *
 * with id_i the place of the matrix by ascending sensitivity, among the matrices and the norms; `spa` is a density. Its faults:
 * - large and small matrices count the same, so that the mean by parameters is not p;
 * - norms take places, low ones as a rule, which leaves the higher densities to the matrices. Their sensitivities are not measured here,
 *   so they are taken to be the lowest;
 * - L does not follow p: at p = 1 - L nothing is mixed, and above it the most sensitive matrix gets the most sparsity.
 *
 * @returns  what the rule asks for, whose mean misses p: at 0.5 it is about 0.478 for LLaMA-7B; the exact count then moves all matrices alike
 * @see      Shao, Liu and Qian 2023, "One-Shot Sensitivity-Aware Mixed Sparsity Pruning for Large Language Models", arXiv:2310.09499
 */
export const mixedReleased = defineAllocator({
  title: 'MixGPT, as released',
  summary:
    'The published rule with its faults, for replication only. It misses the total (0.478 where 0.5 is asked of LLaMA-7B); here all matrices are then moved alike until the total is met. To have the published total too, write what the rule reaches as sparsity and raise lower by the difference: 0.478 and 0.422.',
  formula: 's_i = 1 - L - id_i (R - L) / (len - 1), R = 2 (1 - p) - L, id = place by sensitivity from 0',
  paper: 'arXiv:2310.09499',
  feed: { gives: ['value', 'output error', 'loss'], measure: 'hessian-trace', only: false },
  options: v.strictObject({
    lower: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(1),
        v.description(
          'L: the share of weights that the least sensitive one keeps. 0.4 in the published script for LLaMA, 0.1 in the one for LLaMA-2; 0.9 minus the sparsity in the paper.',
        ),
      ),
      0.4,
    ),
    norms: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.maxValue(8),
        v.description('How many norms of each block are ranked below all matrices. The published script counts both norms of a block.'),
      ),
      2,
    ),
  }),
  allocate({ slots, sparsity, sensitivities }, { lower, norms }) {
    const values = Float64Array.from(sensitivities, (sensitivity) => sensitivityAt(sensitivity, sparsity));
    const nNorms = norms * new Set(slots.map(({ block }) => block)).size;
    const upper = 2 * (1 - sparsity) - lower;
    const step = (upper - lower) / Math.max(nNorms + slots.length - 1, 1);
    const shares = new Float64Array(slots.length);
    const order = Uint32Array.from(slots, (_, i) => i).sort((a, b) => values[a] - values[b]);
    for (const [place, i] of order.entries()) shares[i] = 1 - lower - (nNorms + place) * step;
    return shares;
  },
});
