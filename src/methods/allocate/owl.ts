/** OWL: a block keeps the more weights the more outliers it has. */

import * as v from 'valibot';
import { defineAllocator } from '../allocator.ts';

/**
 *     s_i = p + mean(D') - D'_i,  D'_i = 2 λ (D_i - min D) / (max D - min D)
 *
 * with D the outliers of the matrix's block. The published mean counts blocks; this one counts weights, which is the same where all blocks
 * are of one size, and exact where they are not.
 *
 * @returns  p throughout where all blocks have as many outliers; beyond [0, 1] where p is within 2 λ of them
 * @see      Yin et al. 2023, "Outlier Weighed Layerwise Sparsity (OWL)", arXiv:2310.05175
 */
export const owl = defineAllocator({
  title: 'OWL',
  summary: 'Gives blocks with many outliers less sparsity; all matrices of a block get the same.',
  formula: "s = p + mean(D') - D', D' = 2 λ (D - min D) / (max D - min D)",
  paper: 'arXiv:2310.05175',
  feed: { gives: ['value'], measure: 'owl', only: true },
  options: v.strictObject({
    lambda: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(0.5),
        v.description('λ: half of the difference between the block that gets the most sparsity and the one that gets the least.'),
      ),
      0.08,
    ),
  }),
  allocate({ slots, sparsity, sensitivities }, { lambda }) {
    const outliers = Float64Array.from(sensitivities, ({ value }) => value);
    const [least, most] = outliers.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    const scale = most > least ? (2 * lambda) / (most - least) : 0;
    let [weighted, weights] = [0, 0];
    for (const [i, slot] of slots.entries()) {
      weighted += slot.out * slot.in * scale * (outliers[i] - least);
      weights += slot.out * slot.in;
    }
    return outliers.map((value) => sparsity + weighted / weights - scale * (value - least));
  },
});
