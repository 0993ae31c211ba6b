/** Saliencies that weigh the square of a weight by its input alone: that of Optimal Brain Surgeon, and the parts that others are made of. */

import * as v from 'valibot';
import { createMatrix, type Matrix } from '../tensor/matrix.ts';
import type { Algebra } from './algebra.ts';

/** The option of a criterion that has a form of its own inside a column sweep. */
export const formOption = {
  form: v.optional(
    v.pipe(
      v.picklist(['sequential', 'static']),
      v.description(
        'sequential: a column sweep ranks weights that already carry the updates of the columns before. static: all weights are ranked once, before the sweep.',
      ),
    ),
    'sequential',
  ),
};

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
export async function obsSaliency(weight: Matrix, gram: Matrix, damping: number, algebra: Pick<Algebra, 'inverseFactor'>): Promise<Matrix> {
  const { factor, dead } = await algebra.inverseFactor(gram, damping);
  return weighColumns(
    weight,
    inverseDiagonal(factor).map((value, j) => (dead[j] ? 0 : 1 / value)),
  );
}

/**
 *     S[i,j] = W[i,j]² · c[j]
 *
 * @param weight   W, f32 `[out, in]`
 * @param columns  c, f64 `[in]`
 */
export function weighColumns({ rows, cols, data: w }: Matrix, columns: Float64Array): Matrix {
  const saliency = createMatrix(rows, cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) saliency.data[i * cols + j] = w[i * cols + j] ** 2 * columns[j];
  return saliency;
}

/** diag(UᵀU), f64 `[in]`; U upper triangular, f32 `[in, in]`. */
export function inverseDiagonal({ rows, cols, data }: Matrix): Float64Array {
  const diagonal = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let j = i; j < cols; j++) diagonal[j] += data[i * cols + j] ** 2;
  return diagonal;
}
