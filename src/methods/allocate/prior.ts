/** Prior: sparsities by role and depth alone, before anything is measured. */

import * as v from 'valibot';
import { defineAllocator, sizeOf } from '../allocator.ts';
import { rankedShares, spreadOption } from '../mid-ranks.ts';
import { priorRank } from '../prior-rank.ts';

/**
 *     s_i = p + α (1 - 2 ρ_i)
 *
 * with ρ_i the mid-rank, weighted by parameters, of what is known before: from least to most sensitive k, q, gate, o, up, v, down, and
 * above them all matrices of the first three blocks and the last one.
 *
 * @returns  beyond [0, 1] where p is within α of them
 */
export const prior = defineAllocator({
  title: 'Prior',
  summary:
    'Measures nothing: goes by the role of a matrix (down and v get the least sparsity, q and k the most) and spares the first three blocks and the last.',
  formula: 's_i = p + α (1 - 2 ρ_i), ρ_i = rank by role and depth, weighted by parameters, 0 to 1',
  paper: null,
  feed: null,
  options: v.strictObject(spreadOption),
  allocate({ slots, sparsity }, { spread }) {
    const nBlocks = slots.reduce((most, { block }) => Math.max(most, block + 1), 0);
    const values = Float64Array.from(slots, (slot) => priorRank(slot, nBlocks));
    const sizes = Float64Array.from(slots, sizeOf);
    return rankedShares(values, sizes, sparsity, spread);
  },
});
