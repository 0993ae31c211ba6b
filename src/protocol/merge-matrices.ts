/** Adds matrices that are told of piece by piece to those that came before. */

/** A matrix that comes twice, as after a resume or with a better value, counts as it came last; the same list where nothing came. */
export function mergeMatrices<M extends { readonly name: string }>(known: readonly M[], fresh: readonly M[]): readonly M[] {
  if (fresh.length === 0) return known;
  return [...new Map([...known, ...fresh].map((matrix) => [matrix.name, matrix])).values()];
}
