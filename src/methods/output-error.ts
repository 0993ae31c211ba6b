/** Measures how far a pruned linear's output is from the dense one's on the calibration tokens. */

import { SecateurError } from '../error.ts';
import { createMatrix, type Matrix } from '../tensor/matrix.ts';
import type { Algebra } from './algebra.ts';

export interface OutputError {
  /** `absolute` over the energy of the dense output; 0 where both are 0. */
  readonly relative: number;
  /** ‖X·Wᵀ − X·Vᵀ‖² summed over tokens and outputs. */
  readonly absolute: number;
}

/**
 *     tr((W − V)·H·(W − V)ᵀ) / tr(W·H·Wᵀ)
 *
 * H is not damped. The products are f32, the sums f64.
 *
 * @param weight  W, dense, f32 `[out, in]`
 * @param pruned  V, f32 `[out, in]`
 * @param gram    H = XᵀX, f32 `[in, in]`
 * @throws        `SHAPE_MISMATCH` when the shapes do not fit
 */
export async function outputError(weight: Matrix, pruned: Matrix, gram: Matrix, algebra: Algebra): Promise<OutputError> {
  const { rows, cols } = weight;
  if (pruned.rows !== rows || pruned.cols !== cols || gram.rows !== cols || gram.cols !== cols)
    throw new SecateurError(
      'SHAPE_MISMATCH',
      `output error of [${rows}, ${cols}], [${pruned.rows}, ${pruned.cols}], gram [${gram.rows}, ${gram.cols}]`,
    );
  const difference = createMatrix(rows, cols);
  for (let i = 0; i < difference.data.length; i++) difference.data[i] = weight.data[i] - pruned.data[i];
  const absolute = await energy(difference, gram, algebra);
  if (absolute === 0) return { relative: 0, absolute };
  return { relative: absolute / (await energy(weight, gram, algebra)), absolute };
}

/** tr(A·H·Aᵀ), which rounding may not take below zero. */
async function energy(a: Matrix, gram: Matrix, { gemm }: Algebra): Promise<number> {
  const product = createMatrix(a.rows, a.cols);
  await gemm(a, gram, product);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += a.data[i] * product.data[i];
  return Math.max(sum, 0);
}
