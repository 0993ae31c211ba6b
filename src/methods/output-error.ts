/** Measures how far a pruned linear's output is from the dense one's on the calibration tokens. */

import { SecateurError } from '../error.ts';
import type { Matrix } from '../tensor/matrix.ts';
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
  const { rows, cols } = weight;
  for (const version of versions)
    if (version.rows !== rows || version.cols !== cols)
      throw new SecateurError('SHAPE_MISMATCH', `output error of [${rows}, ${cols}] against [${version.rows}, ${version.cols}]`);
  if (gram.rows !== cols || gram.cols !== cols)
    throw new SecateurError('SHAPE_MISMATCH', `output error of [${rows}, ${cols}] in a gram of [${gram.rows}, ${gram.cols}]`);
  const dense = await outputEnergy(weight, gram, algebra);
  const errors: OutputError[] = [];
  for (const version of versions) {
    const absolute = await energy(weight, version, gram, algebra);
    errors.push({ relative: absolute === 0 ? 0 : absolute / dense, absolute });
  }
  return errors;
}

/** tr(W·H·Wᵀ), the energy of the output: H not damped, the products f32, the sum f64. */
export async function outputEnergy(weight: Matrix, gram: Matrix, algebra: Algebra): Promise<number> {
  return energy(weight, undefined, gram, algebra);
}

/**
 * The error of every output by itself, summed over tokens: f64 `[out]`, none below zero.
 *
 * @param version  f32 `[out, in]`
 */
export async function rowErrors(weight: Matrix, version: Matrix, gram: Matrix, algebra: Algebra): Promise<Float64Array> {
  return (await rowEnergies(weight, version, gram, algebra)).map((value) => Math.max(value, 0));
}

/** Rows at a time, so that a difference and its product stay in the processor's cache. */
const nRowsAtOnce = 192;

/** tr((A - B)·H·(A - B)ᵀ), B = 0 unless given, which rounding may not take below zero. */
async function energy(a: Matrix, b: Matrix | undefined, gram: Matrix, algebra: Algebra): Promise<number> {
  const sums = await rowEnergies(a, b, gram, algebra);
  return Math.max(
    sums.reduce((sum, value) => sum + value, 0),
    0,
  );
}

/** (Aᵢ - Bᵢ)·H·(Aᵢ - Bᵢ)ᵀ of every row, B = 0 unless given; f64 `[out]`. */
async function rowEnergies(a: Matrix, b: Matrix | undefined, gram: Matrix, { gemm }: Algebra): Promise<Float64Array> {
  const width = a.cols;
  const size = Math.min(nRowsAtOnce, a.rows) * width;
  const difference = new Float32Array(size);
  const product = new Float32Array(size);
  const sums = new Float64Array(a.rows);
  for (let from = 0; from < a.rows; from += nRowsAtOnce) {
    const rows = Math.min(nRowsAtOnce, a.rows - from);
    const left = a.data.subarray(from * width, (from + rows) * width);
    difference.set(left);
    const right = b?.data.subarray(from * width, (from + rows) * width);
    if (right) for (let i = 0; i < right.length; i++) difference[i] -= right[i];
    const part = (data: Float32Array): Matrix => ({ rows, cols: width, data: data.subarray(0, rows * width) });
    await gemm(part(difference), gram, part(product));
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = row * width; i < (row + 1) * width; i++) sum += difference[i] * product[i];
      sums[from + row] = sum;
    }
  }
  return sums;
}
