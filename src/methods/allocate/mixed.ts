/** Mixed: a matrix gets the less sparsity the more sensitive it is, by its rank among all weights. */

import * as v from 'valibot';
import { defineAllocator, type Slot, sizeOf } from '../allocator.ts';
import { rankedShares, spreadOption } from '../mid-ranks.ts';
import { sensitivityAt } from '../sensitivity.ts';

/**
 *     s_i = p + α (1 - 2 ρ_i)
 *
 * with ρ_i the mid-rank of the sensitivity, weighted by parameters. The published rule weighs nothing, ranks the norms along with the matrices
 * and so misses the total, and turns upside down at high sparsity; this one does not. For the other see `mixed-released`.
 *
 * @returns  beyond [0, 1] where p is within α of them
 * @see      Shao, Liu and Qian 2023, "One-Shot Sensitivity-Aware Mixed Sparsity Pruning for Large Language Models", arXiv:2310.09499,
 *           whose layer is a block here
 */
export const mixed = defineAllocator({
  title: 'MixGPT',
  summary: 'Gives the more sensitive matrices less sparsity and the others more, evenly by rank, with the total exact.',
  formula: 's_i = p + α (1 - 2 ρ_i), ρ_i = rank of the sensitivity, weighted by parameters, 0 to 1',
  paper: 'arXiv:2310.09499',
  feed: { gives: ['value', 'output error', 'loss'], measure: 'fisher', only: false },
  options: v.strictObject({
    ...spreadOption,
    level: v.optional(
      v.pipe(
        v.picklist(['matrix', 'block']),
        v.description('What gets a sparsity of its own: every matrix, or every block by the sum over its matrices.'),
      ),
      'matrix',
    ),
  }),
  allocate({ slots, sparsity, sensitivities }, { spread, level }) {
    const values = Float64Array.from(sensitivities, (sensitivity) => sensitivityAt(sensitivity, sparsity));
    const sizes = Float64Array.from(slots, sizeOf);
    if (level === 'matrix') return rankedShares(values, sizes, sparsity, spread);
    const shares = rankedShares(sumByBlock(values, slots), sumByBlock(sizes, slots), sparsity, spread);
    return Float64Array.from(slots, ({ block }) => shares[block]);
  },
});

/** f64 `[blocks]`; a block without slots has 0. */
function sumByBlock(values: Float64Array, slots: readonly Slot[]): Float64Array {
  const sums = new Float64Array(slots.reduce((most, { block }) => Math.max(most, block + 1), 0));
  for (let i = 0; i < slots.length; i++) sums[slots[i].block] += values[i];
  return sums;
}
