/** What the methods must come to, written down as the formulas are, in f64 and without any trick. */

import { cholesky, createMatrix64, invertLower, type Matrix64, multiply, solveSpd, toMatrix64 } from '../../src/tensor/linalg.ts';
import type { Mask, Matrix } from '../../src/tensor/matrix.ts';

export function deadInputs(gram: Matrix): Uint8Array {
  return Uint8Array.from({ length: gram.rows }, (_, j) => (gram.data[j * gram.rows + j] === 0 ? 1 : 0));
}

/** H + λI; a dead input has H[j,j] = 1; λ is the share `damping` of the mean diagonal of the live ones. */
export function dampedHessian(gram: Matrix, damping: number): Matrix64 {
  const hessian = toMatrix64(gram);
  const n = gram.rows;
  const dead = deadInputs(gram);
  let trace = 0;
  let nLive = 0;
  for (let j = 0; j < n; j++)
    if (!dead[j]) {
      trace += hessian.data[j * n + j];
      nLive++;
    }
  const lambda = (damping * trace) / nLive;
  for (let j = 0; j < n; j++) hessian.data[j * n + j] = (dead[j] ? 1 : hessian.data[j * n + j]) + lambda;
  return hessian;
}

/** R, upper, with H = R·Rᵀ: the inverse of U. */
export function upperRoot(hessian: Matrix64): Matrix64 {
  const backwards = (a: Matrix64) => ({ ...a, data: a.data.toReversed() });
  return backwards(cholesky(backwards(hessian)));
}

/** U, upper, with H⁻¹ = UᵀU. */
export function upperFactor(hessian: Matrix64): Matrix64 {
  const backwards = (a: Matrix64) => ({ ...a, data: a.data.toReversed() });
  return backwards(invertLower(cholesky(backwards(hessian))));
}

/** The column sweep on a given mask, one column after another and all columns to its right at once. */
export function sweepColumns(weight: Matrix, mask: Mask, factor: Matrix64): { weight: Matrix64; errors: Matrix64 } {
  const { rows, cols } = weight;
  const w = toMatrix64(weight);
  const errors = createMatrix64(rows, cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      if (mask.data[i * cols + j]) continue;
      const error = w.data[i * cols + j] / factor.data[j * cols + j];
      errors.data[i * cols + j] = error;
      for (let k = j; k < cols; k++) w.data[i * cols + k] -= error * factor.data[j * cols + k];
      w.data[i * cols + j] = 0;
    }
  return { weight: w, errors };
}

/** The best weights on a mask, row by row: Hd[S,S]·v = (Hd·wᵀ)[S]. */
export function leastSquares(weight: Matrix, mask: Mask, hessian: Matrix64): Matrix64 {
  const { rows, cols } = weight;
  const best = createMatrix64(rows, cols);
  for (let i = 0; i < rows; i++) {
    const kept = Array.from({ length: cols }, (_, j) => j).filter((j) => mask.data[i * cols + j]);
    if (kept.length === 0) continue;
    const left = createMatrix64(kept.length, kept.length);
    const right = createMatrix64(kept.length, 1);
    for (const [a, j] of kept.entries()) {
      for (const [b, k] of kept.entries()) left.data[a * kept.length + b] = hessian.data[j * cols + k];
      for (let k = 0; k < cols; k++) right.data[a] += hessian.data[j * cols + k] * weight.data[i * cols + k];
    }
    const solution = solveSpd(left, right);
    for (const [a, j] of kept.entries()) best.data[i * cols + j] = solution.data[a];
  }
  return best;
}

interface AnyMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: ArrayLike<number>;
}

/** (w − v)·H·(w − v)ᵀ of every row. */
export function rowErrors(weight: AnyMatrix, pruned: AnyMatrix, hessian: AnyMatrix): number[] {
  const { rows, cols } = weight;
  const difference = toMatrix64({ ...weight, data: Array.from(weight.data, (value, i) => value - pruned.data[i]) });
  const product = multiply(difference, toMatrix64(hessian));
  return Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += difference.data[i * cols + j] * product.data[i * cols + j];
    return sum;
  });
}

export function totalError(weight: AnyMatrix, pruned: AnyMatrix, hessian: AnyMatrix): number {
  return rowErrors(weight, pruned, hessian).reduce((sum, error) => sum + error, 0);
}

/** The largest difference of two arrays, as a share of the largest value of the second. */
export function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    // Written so that a NaN counts as the worst.
    if (!(Math.abs(actual[i] - expected[i]) <= worst)) worst = Math.abs(actual[i] - expected[i]);
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return scale === 0 ? worst : worst / scale;
}
