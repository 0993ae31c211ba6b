/** Draws a curve of losses through those that were measured at a few sparsities. */

import * as v from 'valibot';
import type { ErrorCurve } from './error-curve.ts';

/**
 * The sparsities at which matrices are pruned, by how many. Below 0.3 losses are near noise; between these, straight lines of log E are off
 * by a tenth at most.
 */
const levelTable: Readonly<Record<number, readonly number[]>> = {
  2: [0.4, 0.8],
  3: [0.4, 0.6, 0.8],
  4: [0.4, 0.6, 0.8, 0.9],
  5: [0.3, 0.4, 0.6, 0.8, 0.9],
};

/** The option of a measure that prunes matrices at several sparsities. */
export function levelOptions(levels: number) {
  return {
    levels: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(2),
        v.maxValue(5),
        v.description(
          'At how many sparsities each matrix is pruned: 2 are 0.4 and 0.8, 3 have 0.6 as well, 4 have 0.9, 5 have 0.3. Time grows with it.',
        ),
      ),
      levels,
    ),
  };
}

/** @param levels  2 to 5 */
export function levelSparsities(levels: number): readonly number[] {
  return levelTable[levels];
}

/** 0.05, 0.10, … 0.95: near enough for straight lines in between. */
export const curveSparsities: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** A loss below this cannot be told from none, and has no logarithm. */
const smallest = 1e-12;

/**
 * Between two levels, and beyond the last, log E is linear in s; before the first, E is a power of s that goes on with the slope it has
 * there, so that it starts at (0, 0). A loss that is lower than at a lower sparsity counts as that one.
 *
 * @param levels  two at least, by sparsity, in (0, 1)
 */
export function lossCurve(levels: ErrorCurve): ErrorCurve {
  const rising: { sparsity: number; log: number }[] = [];
  for (const { sparsity, error } of levels)
    rising.push({ sparsity, log: Math.max(rising.at(-1)?.log ?? Math.log(smallest), Math.log(Math.max(error, smallest))) });
  return curveSparsities.map((sparsity) => ({ sparsity, error: lossAt(rising, sparsity) }));
}

function lossAt(levels: readonly { readonly sparsity: number; readonly log: number }[], sparsity: number): number {
  const to = levels.findIndex((level) => sparsity <= level.sparsity);
  const upper = to < 0 ? levels.length - 1 : Math.max(to, 1);
  const [a, b] = [levels[upper - 1], levels[upper]];
  const slope = (b.log - a.log) / (b.sparsity - a.sparsity);
  if (to !== 0) return Math.exp(a.log + slope * (sparsity - a.sparsity));
  return Math.exp(a.log) * (sparsity / a.sparsity) ** Math.max(1, slope * a.sparsity);
}
