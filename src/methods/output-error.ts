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
 * @param weight    W, dense, f32 `[out, in]`
 * @param versions  each a V, f32 `[out, in]`
 * @param gram      H = XᵀX, f32 `[in, in]`
 * @returns         the error of each version
 * @throws          `SHAPE_MISMATCH` when the shapes do not fit
 */
export async function outputErrors(weight: Matrix, versions: readonly Matrix[], gram: Matrix, algebra: Algebra): Promise<OutputError[]> {
  const dense = await energy(weight, gram, algebra);
  const errors: OutputError[] = [];
  for (const version of versions) {
    const absolute = await energy(subtract(weight, version), gram, algebra);
    errors.push({ relative: absolute === 0 ? 0 : absolute / dense, absolute });
  }
  return errors;
}

function subtract(a: Matrix, b: Matrix): Matrix {
  if (b.rows !== a.rows || b.cols !== a.cols)
    throw new SecateurError('SHAPE_MISMATCH', `output error of [${a.rows}, ${a.cols}] against [${b.rows}, ${b.cols}]`);
  const difference = createMatrix(a.rows, a.cols);
  for (let i = 0; i < difference.data.length; i++) difference.data[i] = a.data[i] - b.data[i];
  return difference;
}

/** tr(A·H·Aᵀ), which rounding may not take below zero. */
async function energy(a: Matrix, gram: Matrix, { gemm }: Algebra): Promise<number> {
  if (gram.rows !== a.cols || gram.cols !== a.cols)
    throw new SecateurError('SHAPE_MISMATCH', `output error of [${a.rows}, ${a.cols}] in a gram of [${gram.rows}, ${gram.cols}]`);
  const product = createMatrix(a.rows, a.cols);
  await gemm(a, gram, product);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += a.data[i] * product.data[i];
  return Math.max(sum, 0);
}
