/** Wanda: a weight matters as much as the input that meets it is loud. */

import * as v from 'valibot';
import { createMatrix } from '../../tensor/matrix.ts';
import { defineCriterion } from '../criterion.ts';
import { refuseOtherLength } from '../statistics.ts';

/**
 *     S[i,j] = |W[i,j]| · ‖X[:,j]‖₂
 *
 * The released code divides the norm by the square root of the number of samples: one factor for all, which changes no order.
 *
 * @returns  saliency, f32 `[out, in]`, in units of the linear's output; larger = keep
 * @throws   `SHAPE_MISMATCH` when there is not one norm for every input
 * @see      Sun et al. 2023, "A Simple and Effective Pruning Approach for Large Language Models", arXiv:2306.11695, eq. 1
 */
export const wanda = defineCriterion({
  title: 'Wanda',
  summary: 'Weighs every weight by how loud its input is on the calibration text, and compares within each output row; fast.',
  formula: 'S_ij = |W_ij| · ‖X_j‖₂',
  paper: 'arXiv:2306.11695',
  needs: ['norms'],
  scope: 'row',
  options: v.strictObject({}),
  score({ weight: { rows, cols, data: w }, stats: { norms } }) {
    refuseOtherLength('wanda', norms, cols);
    const saliency = createMatrix(rows, cols);
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) saliency.data[i * cols + j] = Math.abs(w[i * cols + j]) * norms[j];
    return saliency;
  },
});
