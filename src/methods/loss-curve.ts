/** Draws a curve of losses through those that were measured at a few sparsities. */

import * as v from 'valibot';
import type { ErrorCurve } from './error-curve.ts';

/**
 * The sparsities at which matrices are pruned, by how many. Below 0.3 losses are near noise. All end at 0.9, where curves end: beyond its
 * last level log E rises faster than its last line, and a budget that is made of such a line goes where nothing was measured.
 */
const levelTable: Readonly<Record<number, readonly number[]>> = {
  2: [0.5, 0.9],
  3: [0.4, 0.65, 0.9],
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
          'At how many sparsities each matrix is pruned: 2 are 0.5 and 0.9; 3 are 0.4, 0.65 and 0.9; 4 are 0.4, 0.6, 0.8 and 0.9; 5 have 0.3 as well. Time grows with it.',
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

/** 0.05, 0.10, … 0.90: near enough for straight lines in between. */
export const curveSparsities: readonly number[] = Array.from({ length: 18 }, (_, i) => (i + 1) / 20);

/** A loss below this cannot be told from none, and has no logarithm. */
const smallest = 1e-12;

/**
 * Between two levels log E is linear in s; before the first, E is a power of s that goes on with the slope it has there, so that it starts
 * at (0, 0). The curve ends at the last level. A loss that is lower than at a lower sparsity counts as that one.
 *
 * @param levels  two at least, by sparsity, among `curveSparsities`
 */
export function lossCurve(levels: ErrorCurve): ErrorCurve {
  const rising: { sparsity: number; log: number }[] = [];
  for (const { sparsity, error } of levels)
    rising.push({ sparsity, log: Math.max(rising.at(-1)?.log ?? Math.log(smallest), Math.log(Math.max(error, smallest))) });
  const last = levels.at(-1)!.sparsity;
  return curveSparsities.filter((sparsity) => sparsity <= last).map((sparsity) => ({ sparsity, error: lossAt(rising, sparsity) }));
}

function lossAt(levels: readonly { readonly sparsity: number; readonly log: number }[], sparsity: number): number {
  const to = levels.findIndex((level) => sparsity <= level.sparsity);
  const upper = Math.max(to, 1);
  const [a, b] = [levels[upper - 1], levels[upper]];
  const slope = (b.log - a.log) / (b.sparsity - a.sparsity);
  if (to !== 0) return Math.exp(a.log + slope * (sparsity - a.sparsity));
  return Math.exp(a.log) * (sparsity / a.sparsity) ** Math.max(1, slope * a.sparsity);
}
