/** ISC as its authors' code has it, slip and all: to replicate its figures, and for nothing else. */

import * as v from 'valibot';
import { defineCriterion } from '../criterion.ts';
import { weighColumns } from '../obs-saliency.ts';
import { refuseOtherGram } from '../statistics.ts';

/**
 *     S[i,j] = W[i,j]² · ( Hd[j,j] + 1 / U[j,j] )        Hd = H + λI, H = (2 / windows) · XᵀX, Hd⁻¹ = UᵀU
 *
 * The first power of U[j,j] stands where its square belongs, and so the two terms grow differently with H: the mask depends on how many
 * tokens a window has. H is scaled here as that code scales it. In a column sweep W carries the updates so far. Unlike that code, which
 * ranks by OBS there, n:m patterns are ranked the same way. Inputs never seen score 0.
 *
 * @returns  saliency, f32 `[out, in]`; larger = keep
 * @throws   `SHAPE_MISMATCH` when the gram is not `[in, in]`, `NOT_POSITIVE_DEFINITE` when no damping helps
 * @see      Shao et al. 2023, "One-Shot Sensitivity-Aware Mixed Sparsity Pruning for Large Language Models", arXiv:2310.09499
 */
export const iscReleased = defineCriterion({
  title: 'ISC as released',
  summary: 'ISC with the slip of the code that was published with it; only to replicate its figures, otherwise take isc.',
  formula: 'S_ij = W_ij² · (H_jj + λ + 1 / U_jj), (H + λI)⁻¹ = UᵀU, H = (2 / windows) · XᵀX',
  paper: 'arXiv:2310.09499',
  needs: ['gram', 'windows'],
  scope: 'matrix',
  options: v.strictObject({}),
  async score({ weight, stats: { gram, windows }, damping, algebra }) {
    refuseOtherGram('isc-released', gram, weight.cols);
    const { diagonal, hessianDiagonal, dead } = await algebra.inverseFactor(gram, damping);
    return weighColumns(
      weight,
      columnWeights(hessianDiagonal, diagonal, windows).map((value, j) => (dead[j] ? 0 : value)),
    );
  },
  sequential: (hessianDiagonal, factorDiagonal, _options, { windows }) => columnWeights(hessianDiagonal, factorDiagonal, windows),
});

/** H scaled by c scales U by 1/√c. */
function columnWeights(hessianDiagonal: Float64Array, factorDiagonal: Float64Array, windows: number): Float64Array {
  const scale = 2 / windows;
  return hessianDiagonal.map((value, j) => scale * value + Math.sqrt(scale) / factorDiagonal[j]);
}
