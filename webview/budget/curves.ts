/** The error curves of all slots in typed arrays: in each frame of a drag every one of them is read, twice. */

import type { ErrorCurve } from '../../src/methods/error-curve.ts';

export interface Curves {
  /** Where the points of each slot begin, and where those of the last one end. */
  readonly starts: Int32Array;
  readonly sparsities: Float64Array;
  readonly errors: Float64Array;
}

/** @param curves  one a slot; a slot without one has no points */
export function packCurves(curves: readonly (ErrorCurve | undefined)[]): Curves {
  const starts = new Int32Array(curves.length + 1);
  for (let i = 0; i < curves.length; i++) starts[i + 1] = starts[i] + (curves[i]?.length ?? 0);
  const [sparsities, errors] = [0, 1].map(() => new Float64Array(starts[curves.length]));
  for (let i = 0; i < curves.length; i++)
    for (const [k, { sparsity, error }] of (curves[i] ?? []).entries()) {
      sparsities[starts[i] + k] = sparsity;
      errors[starts[i] + k] = error;
    }
  return { starts, sparsities, errors };
}

/** As `errorAt`; `NaN` for a slot without a curve. */
export function curveErrorAt({ starts, sparsities, errors }: Curves, slot: number, sparsity: number): number {
  const [first, last] = [starts[slot], starts[slot + 1] - 1];
  if (last < first) return Number.NaN;
  let to = first;
  while (to < last && sparsities[to] < sparsity) to++;
  const [fromSparsity, fromError] = to === first ? [0, 0] : [sparsities[to - 1], errors[to - 1]];
  const t = (sparsity - fromSparsity) / (sparsities[to] - fromSparsity);
  return (1 - t) * fromError + t * errors[to];
}
