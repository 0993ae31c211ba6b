/** OBS: a weight matters by the error that taking it out leaves when the others make up for it. */

import * as v from 'valibot';
import { defineCriterion } from '../criterion.ts';
import { formOption, obsSaliency } from '../obs-saliency.ts';
import { refuseOtherGram } from '../statistics.ts';

/**
 *     static      S[i,j] = W[i,j]² / [(H + λI)⁻¹]ⱼⱼ        all other weights of the row make up for it
 *     sequential  S[i,j] = W[i,j]² / U[j,j]²               only those to the right do, and W carries the updates so far
 *
 * The diagonal of U is that of a Cholesky factor, hence its square. Outside a column sweep there is only the static form. Inputs
 * never seen score 0.
 *
 * @returns  saliency, f32 `[out, in]`, the added squared output error; larger = keep
 * @throws   `SHAPE_MISMATCH` when the gram is not `[in, in]`, `NOT_POSITIVE_DEFINITE` when no damping helps
 * @see      Hassibi and Stork 1992, "Second order derivatives for network pruning: Optimal Brain Surgeon";
 *           Frantar and Alistarh 2023, "SparseGPT", arXiv:2301.00774, sec. 3
 */
export const obs = defineCriterion({
  title: 'OBS',
  summary: 'Optimal Brain Surgeon: weighs every weight by the output error its loss leaves after the other weights have adapted.',
  formula: 'S_ij = W_ij² / U_jj², (H + λI)⁻¹ = UᵀU; static: S_ij = W_ij² / [(H + λI)⁻¹]_jj',
  paper: 'arXiv:2301.00774',
  needs: ['gram'],
  scope: 'matrix',
  options: v.strictObject(formOption),
  async score({ weight, stats: { gram }, damping, algebra }) {
    refuseOtherGram('obs', gram, weight.cols);
    return obsSaliency(weight, gram, damping, algebra);
  },
  sequential: (_hessianDiagonal, factorDiagonal, { form }) =>
    form === 'sequential' ? factorDiagonal.map((value) => 1 / value ** 2) : undefined,
});
