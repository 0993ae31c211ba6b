/** ISC: the OBS error of losing a weight, plus the error where nothing makes up for it. */

import * as v from 'valibot';
import { defineCriterion } from '../criterion.ts';
import { formOption, inverseDiagonal, weighColumns } from '../obs-saliency.ts';
import { refuseOtherGram } from '../statistics.ts';

/**
 *     static      S[i,j] = W[i,j]² · ( Hd[j,j] + 1 / [Hd⁻¹]ⱼⱼ )        Hd = H + λI
 *     sequential  S[i,j] = W[i,j]² · ( Hd[j,j] + 1 / U[j,j]² )         Hd⁻¹ = UᵀU, W with the updates so far
 *
 * Since 1 / [Hd⁻¹]ⱼⱼ is at most Hd[j,j], the saliency is that of Wanda, squared, times a factor of each input between 1 and 2. The
 * sequential form corrects the released code, which has the first power of U[j,j]; that is `isc-released`. With n:m the saliency is the
 * same, where the released code falls back on that of OBS. Inputs never seen score 0.
 *
 * @returns  saliency, f32 `[out, in]`, a squared output error; larger = keep
 * @throws   `SHAPE_MISMATCH` when the gram is not `[in, in]`, `NOT_POSITIVE_DEFINITE` when no damping helps
 * @see      Shao et al. 2023, "One-Shot Sensitivity-Aware Mixed Sparsity Pruning for Large Language Models", arXiv:2310.09499
 */
export const isc = defineCriterion({
  title: 'ISC',
  summary:
    'Improved saliency criterion of MixGPT: the error with the other weights adapted plus the error without, which stands between OBS and Wanda.',
  formula: 'S_ij = W_ij² · (H_jj + 1 / U_jj²), (H + λI)⁻¹ = UᵀU; static: S_ij = W_ij² · (H_jj + 1 / [(H + λI)⁻¹]_jj)',
  paper: 'arXiv:2310.09499',
  needs: ['gram'],
  scope: 'matrix',
  options: v.strictObject(formOption),
  async score({ weight, stats: { gram }, damping, algebra }) {
    refuseOtherGram('isc', gram, weight.cols);
    const { factor, hessianDiagonal, dead } = await algebra.inverseFactor(gram, damping);
    const inverse = inverseDiagonal(factor);
    return weighColumns(
      weight,
      hessianDiagonal.map((value, j) => (dead[j] ? 0 : value + 1 / inverse[j])),
    );
  },
  sequential: (hessianDiagonal, factorDiagonal, { form }) =>
    form === 'sequential' ? hessianDiagonal.map((value, j) => value + 1 / factorDiagonal[j] ** 2) : undefined,
});
