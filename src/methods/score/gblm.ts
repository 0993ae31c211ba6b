/** GBLM: Wanda's loudness of the input, and how steeply the model's loss moves with the weight. */

import * as v from 'valibot';
import { defineCriterion } from '../criterion.ts';
import { alphaOption, gradientSaliency } from '../gradient-saliency.ts';
import { refuseOtherGradient, refuseOtherLength } from '../statistics.ts';

/**
 *     S[i,j] = |W[i,j]| · ‖X[:,j]‖ + |W[i,j]| · α · G[i,j],   G[i,j] = sqrt( mean over n of gₙ[i,j]² )
 *
 * gₙ is the gradient of the mean cross entropy of window n in the dense model. Here ‖X[:,j]‖ and G are root mean squares over windows.
 * The released code averages the norm and sums the gradients: its α of 100 on 128 windows is one of 100·√128 = 1131 here.
 *
 * @returns  saliency, f32 `[out, in]`; larger = keep
 * @throws   `SHAPE_MISMATCH` when norms or gradient are not of this linear
 * @see      Das et al. 2023, "Beyond Size: How Gradients Shape Pruning Decisions in Large Language Models", arXiv:2311.04902
 */
export const gblm = defineCriterion({
  title: 'GBLM',
  summary: 'Wanda blended with the gradient of the whole dense model’s loss; takes a backward pass through the model first.',
  formula: 'S_ij = |W_ij| · ‖X_j‖₂ + |W_ij| · α · G_ij, G_ij = sqrt(mean_n (∂L_n/∂W_ij)²)',
  paper: 'arXiv:2311.04902',
  needs: ['norms', 'windows', 'lossGradient'],
  scope: 'row',
  options: v.strictObject({
    ...alphaOption,
    windows: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(65_536),
        v.description(
          'How many of the calibration windows the gradient is taken on, from the first on; each takes about three passes through the model. Where there are fewer, all.',
        ),
      ),
      16,
    ),
  }),
  score({ weight, stats }, { alpha }) {
    refuseOtherLength('gblm', stats.norms, weight.cols);
    refuseOtherGradient('gblm', stats.lossGradient, weight);
    return gradientSaliency(weight, stats, stats.lossGradient, alpha);
  },
  gradientWindows: ({ windows }) => windows,
});
