/** Wanda++: Wanda's loudness of the input, and how steeply the output of the decoder block moves with the weight. */

import * as v from 'valibot';
import { defineCriterion } from '../criterion.ts';
import { alphaOption, gradientSaliency } from '../gradient-saliency.ts';
import { refuseOtherGradient, refuseOtherLength } from '../statistics.ts';

/**
 *     S[i,j] = ( α · G[i,j] + ‖X[:,j]‖ ) · |W[i,j]|,   G[i,j] = sqrt( mean over n of gₙ[i,j]² ),   gₙ = ∂‖f(Xₙ)‖₂ / ∂W
 *
 * The regional gradient score: f is the decoder block while it is dense, Xₙ the states of window n that enter it. ‖X[:,j]‖ is the root
 * mean square over windows, as in Wanda's code; where a re-implementation sums it, its α is larger by √windows. With the solver
 * `regional` this is Wanda++ in full.
 *
 * @returns  saliency, f32 `[out, in]`; larger = keep
 * @throws   `SHAPE_MISMATCH` when norms or gradient are not of this linear
 * @see      Yang et al. 2025, "Wanda++: Pruning Large Language Models via Regional Gradients", arXiv:2503.04992
 */
export const wandaPlusPlus = defineCriterion({
  title: 'Wanda++',
  summary: 'Wanda blended with the gradient of the decoder block’s own output, which needs no backward pass through the whole model.',
  formula: 'S_ij = (α · G_ij + ‖X_j‖₂) · |W_ij|, G_ij = sqrt(mean_n (∂‖f(X_n)‖₂/∂W_ij)²)',
  paper: 'arXiv:2503.04992',
  needs: ['norms', 'windows', 'blockGradient'],
  scope: 'row',
  options: v.strictObject(alphaOption),
  score({ weight, stats }, { alpha }) {
    refuseOtherLength('wanda++', stats.norms, weight.cols);
    refuseOtherGradient('wanda++', stats.blockGradient, weight);
    return gradientSaliency(weight, stats, stats.blockGradient, alpha);
  },
});
