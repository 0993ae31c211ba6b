/** Turns saliencies into a mask with exactly the zeros asked for. */

import type { Mask, Matrix } from '../tensor/matrix.ts';
import { largestRemainder, markGroup, markSmallest } from '../tensor/select.ts';
import type { Scope } from './criterion.ts';
import { refuseOtherWidth } from './nm.ts';
import type { Target } from './solver.ts';

/**
 * Prunes the smallest saliencies, ranked within the scope or, with n:m, within each group of m inputs.
 *
 * Among equal saliencies the lower index goes first; with n:m the lower index is kept. Rows share the zeros of the matrix as
 * evenly as whole numbers allow, the first rows taking one more.
 *
 * @throws `NOT_FINITE` when a saliency is NaN, `UNSUPPORTED` when m does not divide the number of inputs
 */
export function chooseMask({ rows, cols, data }: Matrix, target: Target, scope: Scope): Mask {
  const mask = new Uint8Array(rows * cols);
  if ('n' in target) {
    refuseOtherWidth(target, cols);
    for (let from = 0; from < mask.length; from += target.m) markGroup(data, target, mask, from);
    return { rows, cols, data: mask };
  }
  if (scope === 'matrix') {
    markSmallest(data, target.zeros, mask);
    return { rows, cols, data: mask };
  }
  const zeros = largestRemainder(new Float64Array(rows).fill(target.zeros / rows), target.zeros);
  for (let i = 0; i < rows; i++) markSmallest(data, zeros[i], mask, i * cols, (i + 1) * cols);
  return { rows, cols, data: mask };
}
