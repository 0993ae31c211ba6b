/** A saliency that blends how loud a weight's input is with how steeply a loss moves with the weight. */

import * as v from 'valibot';
import { createMatrix, type Matrix } from '../tensor/matrix.ts';
import type { Statistics } from './statistics.ts';

/** The option of a criterion that blends so. */
export const alphaOption = {
  alpha: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.maxValue(1_000_000),
      v.description('How much the gradient counts beside the loudness of the input; 0 makes it Wanda.'),
    ),
    100,
  ),
};

/**
 *     S[i,j] = |W[i,j]| · ( ‖X[:,j]‖ + α · G[i,j] )
 *
 * Both terms are root mean squares over windows, ‖X[:,j]‖² that of a window's sum over tokens, so that α means the same however many
 * windows there are of either.
 *
 * @param weight    W, f32 `[out, in]`
 * @param gradient  G, f32 `[out, in]`, never negative
 * @param alpha     α
 * @returns         f32 `[out, in]`
 */
export function gradientSaliency(
  { rows, cols, data: w }: Matrix,
  { norms, windows }: Pick<Statistics, 'norms' | 'windows'>,
  gradient: Matrix,
  alpha: number,
): Matrix {
  const loudness = Float64Array.from(norms, (norm) => norm / Math.sqrt(windows));
  const saliency = createMatrix(rows, cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      const at = i * cols + j;
      saliency.data[at] = Math.abs(w[at]) * (loudness[j] + alpha * gradient.data[at]);
    }
  return saliency;
}
