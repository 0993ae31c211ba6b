/** What calibration knows of the input of one linear. */

import { SecateurError } from '../error.ts';
import type { Matrix } from '../tensor/matrix.ts';

export interface Statistics {
  /** XᵀX summed over all calibration tokens, f32 `[in, in]`, symmetric. */
  readonly gram: Matrix;
  /** ‖X[:,j]‖₂ over all calibration tokens, f32 `[in]`: the square roots of the gram's diagonal. */
  readonly norms: Float32Array;
}

export type StatisticName = keyof Statistics;

/** Statistics that are not of this linear would go unnoticed in a loop over columns. */
export function refuseOtherLength(method: string, norms: Float32Array, nInputs: number): void {
  if (norms.length !== nInputs) throw new SecateurError('SHAPE_MISMATCH', `${method}: ${norms.length} norms for ${nInputs} inputs`);
}

export function refuseOtherGram(method: string, gram: Matrix, nInputs: number): void {
  if (gram.rows === nInputs && gram.cols === nInputs) return;
  throw new SecateurError('SHAPE_MISMATCH', `${method}: a gram of [${gram.rows}, ${gram.cols}] for ${nInputs} inputs`);
}
