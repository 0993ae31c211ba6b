/** An error that depends on sparsity, known at several sparsities and read in between. */

/** Relative output error at several sparsities, both rising from (0, 0), which is not listed. */
export type ErrorCurve = readonly { readonly sparsity: number; readonly error: number }[];

/** The error at any sparsity, on straight lines between the points; beyond the last one the last line goes on. */
export function errorAt(curve: ErrorCurve, sparsity: number): number {
  const points = [{ sparsity: 0, error: 0 }, ...curve];
  const above = points.findIndex((point, i) => i > 0 && point.sparsity >= sparsity);
  const to = above < 0 ? points.length - 1 : above;
  const [a, b] = [points[to - 1], points[to]];
  const t = (sparsity - a.sparsity) / (b.sparsity - a.sparsity);
  return (1 - t) * a.error + t * b.error;
}
