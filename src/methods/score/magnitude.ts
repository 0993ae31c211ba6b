/** Magnitude: small weights matter little, whatever meets them. */

import * as v from 'valibot';
import { createMatrix } from '../../tensor/matrix.ts';
import { defineCriterion } from '../criterion.ts';

/**
 *     S[i,j] = |W[i,j]|
 *
 * @returns  saliency, f32 `[out, in]`, in units of the weight; larger = keep
 * @see      Han et al. 2015, "Learning both Weights and Connections for Efficient Neural Networks", arXiv:1506.02626
 */
export const magnitude = defineCriterion({
  title: 'Magnitude',
  summary: 'Keeps the largest weights and looks at no data; the plain baseline every other method should beat.',
  formula: 'S_ij = |W_ij|',
  paper: 'arXiv:1506.02626',
  needs: [],
  scope: 'matrix',
  options: v.strictObject({}),
  score({ weight }) {
    const saliency = createMatrix(weight.rows, weight.cols);
    for (let i = 0; i < weight.data.length; i++) saliency.data[i] = Math.abs(weight.data[i]);
    return saliency;
  },
});
