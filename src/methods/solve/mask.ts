/** Mask only: pruned weights become zero, kept ones stay as they are. */

import * as v from 'valibot';
import { createMatrix } from '../../tensor/matrix.ts';
import { defineSolver, givenMask } from '../solver.ts';

/** V = M ∘ W. */
export const mask = defineSolver({
  title: 'Mask only',
  summary: 'Sets the pruned weights to zero and leaves the others as they are, as magnitude pruning, Wanda and RIA do.',
  formula: 'V = M ∘ W',
  paper: null,
  needs: [],
  scope: 'linear',
  choosesMask: false,
  options: v.strictObject({}),
  async solve({ weight: { rows, cols, data }, choice }) {
    const kept = givenMask(choice);
    const pruned = createMatrix(rows, cols);
    for (let i = 0; i < data.length; i++) if (kept.data[i]) pruned.data[i] = data[i];
    return { weight: pruned, mask: kept, damping: 0 };
  },
});
