/** Factors the inverse of a damped gram: the one factorisation from which every OBS method reads its denominators and updates. */

import { SecateurError } from '../error.ts';
import type { Gemm } from './gemm.ts';
import { createMatrix, type Matrix } from './matrix.ts';
import { type BadPivot, factorLower, invertPanels } from './panels.ts';

/** The upper Cholesky factor of an inverse Hessian, and what it took to get it. */
export interface InverseFactor {
  /** U, upper triangular, `(H + λI)⁻¹ = UᵀU`, f32 `[in, in]`. */
  readonly factor: Matrix;
  /** diag(U), f64 `[in]`. */
  readonly diagonal: Float64Array;
  /** diag(H + λI), f64 `[in]`, dead inputs set to 1 before damping. */
  readonly hessianDiagonal: Float64Array;
  /** The damping that worked: the one asked for, or a later rung of the ladder (×10 up to 1). */
  readonly damping: number;
  /** Inputs that calibration never saw (`H[j,j] = 0`), 1 = dead. */
  readonly dead: Uint8Array;
}

/** diag(H) with dead inputs set to 1, and the mean of the others, of which the damping is a share. */
export interface GramDiagonal {
  readonly diagonal: Float64Array;
  readonly mean: number;
  readonly dead: Uint8Array;
}

/**
 * U with `(H + λI)⁻¹ = UᵀU`, λ = damping · mean diag(H), where that is not positive definite with ten times the damping, up to 1.
 *
 * Order rows and columns backwards: `J(H + λI)J = L·Lᵀ` makes `H + λI = R·Rᵀ` with R = J·L·J upper, and so U = R⁻¹. That is one
 * factorisation and no explicit inverse. The mean leaves dead inputs out, so neither scaling the gram nor adding a dead input
 * changes the rest. With f32 products `U(H + λI)Uᵀ` differs from the identity by about
 * 1e-6 at a condition of 1e4, 5e-6 at 1e5 and 2e-5 at 1e6; U's own rounding to f32 makes a tenth to a fifth of that.
 *
 * @param gram     XᵀX, f32 `[in, in]`, symmetric
 * @param damping  share of mean diag(H), from 0 to 1
 * @throws         `NOT_FINITE` for a NaN or infinity in the gram, `NOT_POSITIVE_DEFINITE` when even damping 1 does not help
 */
export async function inverseFactor(gram: Matrix, damping: number, gemm: Gemm): Promise<InverseFactor> {
  refuseNonFinite(gram);
  const { diagonal, mean, dead } = gramDiagonal(gram);
  const rungs = dampingLadder(damping);
  for (const rung of rungs) {
    const hessianDiagonal = diagonal.map((value) => value + rung * mean);
    const result = await tryFactor(gram, hessianDiagonal, gemm);
    if (!('index' in result)) return { ...result, hessianDiagonal, damping: rung, dead };
    if (rung === rungs.at(-1)) throw notPositiveDefinite(result, rung);
  }
  throw new RangeError('a ladder of damping has at least one rung');
}

/** Reads diag(H); with all inputs dead the mean is 1. */
export function gramDiagonal(gram: Matrix): GramDiagonal {
  const n = gram.rows;
  const diagonal = Float64Array.from({ length: n }, (_, j) => gram.data[j * n + j]);
  const dead = Uint8Array.from(diagonal, (value) => (value === 0 ? 1 : 0));
  const nLive = n - dead.reduce((sum, flag) => sum + flag, 0);
  const mean = nLive === 0 ? 1 : diagonal.reduce((sum, value) => sum + value, 0) / nLive;
  return { diagonal: diagonal.map((value) => value || 1), mean, dead };
}

/** The damping asked for, then ten times as much until 1; from 0 the ladder goes on at 1e-4. */
function dampingLadder(damping: number): number[] {
  const rungs = [damping];
  for (let next = damping === 0 ? 1e-4 : damping * 10; next < 0.99; next *= 10) rungs.push(next);
  return damping < 1 ? [...rungs, 1] : rungs;
}

async function tryFactor(
  gram: Matrix,
  hessianDiagonal: Float64Array,
  gemm: Gemm,
): Promise<Pick<InverseFactor, 'factor' | 'diagonal'> | BadPivot> {
  const n = gram.rows;
  const last = n - 1;
  const entry = (i: number, j: number) => (i === j ? hessianDiagonal[last - i] : gram.data[(last - i) * n + last - j]);
  const badIdx = hessianDiagonal.findIndex((value) => !(value > 0));
  if (badIdx >= 0) return { index: badIdx, value: hessianDiagonal[badIdx] };
  const lower = await factorLower(hessianDiagonal.toReversed(), entry, gemm);
  if ('index' in lower) return { index: last - lower.index, value: lower.value };
  const factor = createMatrix(n, n);
  for (const { rows, cols, data } of await invertPanels(lower.panels, gemm))
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols && c <= r; c++) factor.data[(rows - 1 - r) * n + rows - 1 - c] = data[r * cols + c];
  return { factor, diagonal: lower.diagonal.toReversed().map((pivot) => 1 / pivot) };
}

function refuseNonFinite(gram: Matrix): void {
  let at = 0;
  while (at < gram.data.length && Number.isFinite(gram.data[at])) at++;
  if (at === gram.data.length) return;
  throw new SecateurError(
    'NOT_FINITE',
    `the gram is ${gram.data[at]} at [${Math.floor(at / gram.cols)}, ${at % gram.cols}]`,
    'The activations overflowed: check the checkpoint and the calibration text.',
  );
}

function notPositiveDefinite({ index, value }: BadPivot, damping: number): SecateurError {
  return new SecateurError(
    'NOT_POSITIVE_DEFINITE',
    `the Hessian is not positive definite even with damping ${damping} (pivot ${index} is ${value.toExponential(1)})`,
    'Check the calibration text: the inputs of this linear are not what a gram is made of.',
  );
}
