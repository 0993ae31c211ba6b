/** RIA: a weight matters by its share of its row and of its column, and by how loud its input is. */

import * as v from 'valibot';
import { createMatrix, type Matrix } from '../../tensor/matrix.ts';
import { defineCriterion } from '../criterion.ts';
import { refuseOtherLength } from '../statistics.ts';

/**
 *     S[i,j] = ( |W[i,j]| / Σᵢ|W[i,j]| + |W[i,j]| / Σⱼ|W[i,j]| ) · ‖X[:,j]‖₂ᵃ
 *
 * A share of a sum that is zero is zero. An input never seen scores 0 even where the exponent a is 0.
 *
 * @returns  saliency, f32 `[out, in]`; larger = keep
 * @throws   `SHAPE_MISMATCH` when there is not one norm for every input
 * @see      Zhang et al. 2024, "Plug-and-Play: An Efficient Post-training Pruning Method for Large Language Models", ICLR 2024,
 *           doi:10.20944/preprints202310.1487.v1
 */
export const ria = defineCriterion({
  title: 'RIA',
  summary:
    'Relative importance and activations: like Wanda, but a weight counts by its share of its row and column, which spares quiet channels.',
  formula: 'S_ij = (|W_ij| / Σ_i |W_ij| + |W_ij| / Σ_j |W_ij|) · ‖X_j‖₂^a',
  paper: 'doi:10.20944/preprints202310.1487.v1',
  needs: ['norms'],
  scope: 'matrix',
  options: v.strictObject({
    exponent: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(1),
        v.description('How much the loudness of an input counts: 0 not at all, 1 as much as in Wanda.'),
      ),
      0.5,
    ),
  }),
  score({ weight, stats: { norms } }, { exponent }) {
    const { rows, cols, data: w } = weight;
    refuseOtherLength('ria', norms, cols);
    const { rowSums, colSums } = absoluteSums(weight);
    const loudness = Float64Array.from(norms, (norm) => (norm === 0 ? 0 : norm ** exponent));
    const saliency = createMatrix(rows, cols);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < cols; j++) {
        const magnitude = Math.abs(w[i * cols + j]);
        if (magnitude > 0) saliency.data[i * cols + j] = (magnitude / colSums[j] + magnitude / rowSums[i]) * loudness[j];
      }
    return saliency;
  },
});

function absoluteSums({ rows, cols, data }: Matrix): { rowSums: Float64Array; colSums: Float64Array } {
  const rowSums = new Float64Array(rows);
  const colSums = new Float64Array(cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      const magnitude = Math.abs(data[i * cols + j]);
      rowSums[i] += magnitude;
      colSums[j] += magnitude;
    }
  return { rowSums, colSums };
}
