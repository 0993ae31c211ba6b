/** Uniform: every matrix gets the same sparsity. */

import * as v from 'valibot';
import { defineAllocator } from '../allocator.ts';

/** s_i = p. All published figures of SparseGPT and Wanda are uniform; it is the control of every other allocation. */
export const uniform = defineAllocator({
  title: 'Uniform',
  summary: 'Every matrix gets the same sparsity; the control that any other allocation should be compared with.',
  formula: 's_i = p',
  paper: null,
  feed: null,
  options: v.strictObject({}),
  allocate: ({ slots, sparsity }) => new Float64Array(slots.length).fill(sparsity),
});
