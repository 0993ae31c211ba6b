/** An error that depends on sparsity, known at several sparsities and read in between. */

/** An error at several sparsities, both rising from (0, 0), which is not listed; in the unit of the measure that gave it. */
export type ErrorCurve = readonly { readonly sparsity: number; readonly error: number }[];

/** The error at any sparsity, on straight lines between the points; beyond the last one the last line goes on. */
export function errorAt(curve: ErrorCurve, sparsity: number): number {
  let to = 0;
  while (to < curve.length - 1 && curve[to].sparsity < sparsity) to++;
  const b = curve[to];
  const [fromSparsity, fromError] = to === 0 ? [0, 0] : [curve[to - 1].sparsity, curve[to - 1].error];
  const t = (sparsity - fromSparsity) / (b.sparsity - fromSparsity);
  return (1 - t) * fromError + t * b.error;
}
