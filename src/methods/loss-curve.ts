/** Draws a curve of losses through those that were measured at a few sparsities. */

import * as v from 'valibot';
import type { ErrorCurve } from './error-curve.ts';

/**
 * The sparsities at which matrices are pruned, by how many. Below 0.3 losses are near noise; beyond 0.9 nothing is measured.
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
 * at (0, 0). A loss that is lower than at a lower sparsity counts as that one. Beyond the last level see `withTail`.
 *
 * @param levels  two at least, by sparsity, among `curveSparsities`
 */
export function lossCurve(levels: ErrorCurve): ErrorCurve {
  const rising: { sparsity: number; log: number }[] = [];
  for (const { sparsity, error } of levels)
    rising.push({ sparsity, log: Math.max(rising.at(-1)?.log ?? Math.log(smallest), Math.log(Math.max(error, smallest))) });
  const last = levels.at(-1)!.sparsity;
  const upTo = curveSparsities.filter((sparsity) => sparsity <= last);
  return withTail(upTo.map((sparsity) => ({ sparsity, error: lossAt(rising, sparsity) })));
}

/** How much faster than before the last point log E is taken to rise behind it. */
const steeper = 3;
const tailSparsities = [0.925, 0.95, 0.975, 0.99];

/**
 * A curve whose end is the last that is known, gone on with. Losses rise ever faster towards 1, and a budget that believed a straight log E
 * would go where nothing was measured; a curve that just ended would tell the matrices apart no longer.
 *
 * @param curve  two points at least, rising
 */
export function withTail(curve: ErrorCurve): ErrorCurve {
  const [a, b] = curve.slice(-2);
  const slope = (steeper * Math.log(Math.max(b.error, smallest) / Math.max(a.error, smallest))) / (b.sparsity - a.sparsity);
  const tail = tailSparsities.filter((sparsity) => sparsity > b.sparsity);
  return [...curve, ...tail.map((sparsity) => ({ sparsity, error: b.error * Math.exp(slope * (sparsity - b.sparsity)) }))];
}

function lossAt(levels: readonly { readonly sparsity: number; readonly log: number }[], sparsity: number): number {
  const to = levels.findIndex((level) => sparsity <= level.sparsity);
  const upper = Math.max(to, 1);
  const [a, b] = [levels[upper - 1], levels[upper]];
  const slope = (b.log - a.log) / (b.sparsity - a.sparsity);
  if (to !== 0) return Math.exp(a.log + slope * (sparsity - a.sparsity));
  return Math.exp(a.log) * (sparsity / a.sparsity) ** Math.max(1, slope * a.sparsity);
}
