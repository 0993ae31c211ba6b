/** AlphaPruning: a block keeps the more weights the heavier the tails of its spectra are. */

import * as v from 'valibot';
import { defineAllocator, type Slot } from '../allocator.ts';

/**
 *     s_i = p · f_i / mean(f),  f_i = 1 - ε + 2 ε (α_i - min α) / (max α - min α)
 *
 * with α the mean of the tail exponents of the block's matrices. A small α is a heavy tail, the sign of a block that learned much.
 *
 * @returns  p throughout where all blocks have one exponent; above 1 where p is near it
 * @see      Lu et al. 2024, "AlphaPruning: Using Heavy-Tailed Self Regularization Theory for Improved Layer-wise Pruning of Large Language
 *           Models", arXiv:2410.10912
 */
export const alphaPruning = defineAllocator({
  title: 'AlphaPruning',
  summary: 'Gives blocks whose weights have heavy-tailed spectra less sparsity; all matrices of a block get the same.',
  formula: 's = p f / mean(f), f = 1 - ε + 2 ε (α - min α) / (max α - min α)',
  paper: 'arXiv:2410.10912',
  feed: { gives: ['value'], measure: 'alpha', only: true },
  options: v.strictObject({
    epsilon: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(0.9),
        v.description(
          'ε: how far sparsities go below and above the total, as a share of it. 0.3 in the paper for magnitude, 0.2 for others.',
        ),
      ),
      0.3,
    ),
  }),
  allocate({ slots, sparsity, sensitivities }, { epsilon }) {
    const exponents = blockExponents(
      slots,
      Float64Array.from(sensitivities, ({ value }) => value),
    );
    const [least, most] = exponents.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    const factors = exponents.map((value) => 1 + (most > least ? epsilon * ((2 * (value - least)) / (most - least) - 1) : 0));
    let [weighted, weights] = [0, 0];
    for (const [i, slot] of slots.entries()) {
      weighted += slot.out * slot.in * factors[i];
      weights += slot.out * slot.in;
    }
    return factors.map((factor) => (sparsity * factor * weights) / weighted);
  },
});

/** A mean of logarithms as small as this is made by rounding. */
const noTail = 1e-6;

/**
 * @param heaviness  1 / (α - 1) of each slot, as the measure gives it; what has no tail counts as the lightest that there is
 * @returns          the mean α of each slot's block, f64
 */
function blockExponents(slots: readonly Slot[], heaviness: Float64Array): Float64Array {
  const lightest = heaviness.reduce((least, value) => (value > noTail ? Math.min(least, value) : least), Infinity);
  const sums = new Map<number, { sum: number; n: number }>();
  for (const [i, { block }] of slots.entries()) {
    const { sum, n } = sums.get(block) ?? { sum: 0, n: 0 };
    sums.set(block, { sum: sum + 1 + 1 / Math.max(heaviness[i], lightest), n: n + 1 });
  }
  return Float64Array.from(slots, ({ block }) => {
    const { sum, n } = sums.get(block)!;
    return sum / n;
  });
}
