/** The static saliency of Optimal Brain Surgeon, which a criterion ranks by and a measure adds up. */

import { createMatrix, type Matrix } from '../tensor/matrix.ts';
import type { Algebra } from './algebra.ts';

/**
 *     S[i,j] = W[i,j]² / [(H + λI)⁻¹]ⱼⱼ
 *
 * The output error that is added when one weight goes and all others of its row make up for it. Inputs never seen give 0.
 *
 * @param weight   W, f32 `[out, in]`
 * @param gram     H, f32 `[in, in]`
 * @param damping  λ as a share of mean diag(H)
 * @returns        f32 `[out, in]`
 * @throws         `NOT_POSITIVE_DEFINITE` when no damping helps
 */
export async function obsSaliency(
  { rows, cols, data: w }: Matrix,
  gram: Matrix,
  damping: number,
  algebra: Pick<Algebra, 'inverseFactor'>,
): Promise<Matrix> {
  const { factor, dead } = await algebra.inverseFactor(gram, damping);
  const worth = inverseDiagonal(factor).map((value, j) => (dead[j] ? 0 : 1 / value));
  const saliency = createMatrix(rows, cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) saliency.data[i * cols + j] = w[i * cols + j] ** 2 * worth[j];
  return saliency;
}

/** diag(UᵀU), f64 `[in]`. */
function inverseDiagonal({ rows, cols, data }: Matrix): Float64Array {
  const diagonal = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let j = i; j < cols; j++) diagonal[j] += data[i * cols + j] ** 2;
  return diagonal;
}
