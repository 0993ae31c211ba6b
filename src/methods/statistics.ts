/** What calibration knows of one linear: of its input, and of how the loss moves with its weights. */

import { SecateurError } from '../error.ts';
import type { Matrix } from '../tensor/matrix.ts';

/** Of its input; linears that read the same one share them. */
export interface Statistics {
  /** XᵀX summed over all calibration tokens, f32 `[in, in]`, symmetric. */
  readonly gram: Matrix;
  /** ‖X[:,j]‖₂ over all calibration tokens, f32 `[in]`: the square roots of the gram's diagonal. */
  readonly norms: Float32Array;
  /** Calibration windows that both are summed over. */
  readonly windows: number;
}

/** Of the linear itself. Gradients are root mean squares over windows: `sqrt(mean gₙ²)`, f32 `[out, in]`, never negative. */
export interface LinearStatistics extends Statistics {
  /** gₙ = ∂Lₙ/∂W in the dense model, Lₙ the mean cross entropy of the tokens of window n. */
  readonly lossGradient: Matrix;
  /** gₙ = ∂‖f(Xₙ)‖₂/∂W, f the decoder block while it is dense, Xₙ the states of window n that enter it (Frobenius norm, not squared). */
  readonly blockGradient: Matrix;
}

export type StatisticName = keyof Statistics;
export type LinearStatisticName = keyof LinearStatistics;

/** Statistics that are not of this linear would go unnoticed in a loop over columns. */
export function refuseOtherLength(method: string, norms: Float32Array, nInputs: number): void {
  if (norms.length !== nInputs) throw new SecateurError('SHAPE_MISMATCH', `${method}: ${norms.length} norms for ${nInputs} inputs`);
}

export function refuseOtherGram(method: string, gram: Matrix, nInputs: number): void {
  if (gram.rows === nInputs && gram.cols === nInputs) return;
  throw new SecateurError('SHAPE_MISMATCH', `${method}: a gram of [${gram.rows}, ${gram.cols}] for ${nInputs} inputs`);
}

export function refuseOtherGradient(method: string, gradient: Matrix, { rows, cols }: Matrix): void {
  if (gradient.rows === rows && gradient.cols === cols) return;
  throw new SecateurError('SHAPE_MISMATCH', `${method}: a gradient of [${gradient.rows}, ${gradient.cols}] for [${rows}, ${cols}]`);
}
