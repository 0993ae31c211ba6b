/** Adds something up over the weights that go first. */

/**
 * For each share, ascending, the sum of `term` over that share of the weights, the least salient ones; weights as salient as the last of
 * them count as well.
 *
 * @param saliencies  one a weight, never negative; not changed
 * @param term        of the weight at an index
 */
export function sumsOverLeast(saliencies: Float32Array, shares: readonly number[], term: (at: number) => number): number[] {
  const sorted = saliencies.slice().sort();
  const thresholds = Float32Array.from(shares, (share) => sorted[Math.max(1, Math.round(share * sorted.length)) - 1]);
  const sums = new Float64Array(shares.length + 1);
  for (let at = 0; at < saliencies.length; at++) sums[firstNotBelow(thresholds, saliencies[at])] += term(at);
  for (let k = 1; k < shares.length; k++) sums[k] += sums[k - 1];
  return Array.from(sums.subarray(0, shares.length));
}

/** The index of the first of ascending numbers that is not below a value; their number where all are. */
function firstNotBelow(ascending: Float32Array, value: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ascending[middle] < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
