/** Search: the sparsities of the best budget that was found by trying whole budgets. */

import * as v from 'valibot';
import { defineAllocator } from '../allocator.ts';

/**
 *     s_i = 1 - k_i
 *
 * with k_i the share of its weights that matrix i kept in the best budget. Where the recipe fixes a matrix, or asks for another total than
 * the one that was searched at, the others make up for it alike.
 *
 * @see  Sieberling et al. 2024, "EvoPress: Accurate Dynamic Model Compression via Evolutionary Search", arXiv:2410.14649
 */
export const search = defineAllocator({
  title: 'Search',
  summary: 'Takes the best budget that was found by trying out whole budgets of the same total.',
  formula: 's_i = 1 - k_i, k_i the share that matrix i keeps in the best budget found',
  paper: 'arXiv:2410.14649',
  feed: { gives: ['share kept'], measure: 'search', only: true },
  options: v.strictObject({}),
  allocate: ({ sensitivities }) => Float64Array.from(sensitivities, ({ value }) => 1 - value),
});
