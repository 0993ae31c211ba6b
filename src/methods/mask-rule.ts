/** Turns saliencies into a mask with exactly the zeros asked for. */

import type { Mask, Matrix } from '../tensor/matrix.ts';
import { countZeros, markGroup, markSmallest, shareEvenly } from '../tensor/select.ts';
import type { Scope } from './criterion.ts';
import { refuseOtherWidth } from './nm.ts';
import type { Target } from './solver.ts';

/**
 * Prunes the smallest saliencies, ranked within the scope or, with n:m, within each group of m inputs.
 *
 * Weights that are zero go before all others, whatever their saliency, and count towards the zeros asked for; they all go, so that
 * a group of m may end with more zeros than its pattern asks for. Among equal saliencies the lower index goes first; with n:m the
 * lower index is kept. Rows share the zeros of the matrix as evenly as whole numbers and the zeros they have allow, the first rows
 * taking one more.
 *
 * @param saliency  f32 `[out, in]`, never negative
 * @param weight    f32 `[out, in]`, as the source has it
 * @throws          `NOT_FINITE` when the saliency of a weight that is not zero is NaN, `UNSUPPORTED` when m does not divide the number of
 *                  inputs; `RangeError` when fewer zeros are asked for than there are
 */
export function chooseMask(saliency: Matrix, weight: Matrix, target: Target, scope: Scope): Mask {
  const { rows, cols, data } = weight;
  const mask = new Uint8Array(rows * cols);
  const scores = saliency.data.slice();
  for (let at = 0; at < scores.length; at++) if (data[at] === 0) scores[at] = Number.NEGATIVE_INFINITY;
  if ('n' in target) {
    refuseOtherWidth(target, cols);
    for (let from = 0; from < mask.length; from += target.m) markGroup(scores, target, mask, from);
    return { rows, cols, data: mask };
  }
  const size = scope === 'row' ? cols : rows * cols;
  const sizes = new Array<number>(mask.length / size).fill(size);
  const zeros = shareEvenly(target.zeros, sizes, countZeros(data, sizes));
  for (const [i, count] of zeros.entries()) markSmallest(scores, count, mask, i * size, (i + 1) * size);
  return { rows, cols, data: mask };
}
