/** Mid-ranks weighted by parameters: where each matrix stands between the least sensitive and the most, and the sparsity that follows. */

import * as v from 'valibot';

/** The option of an allocator that goes by rank. */
export const spreadOption = {
  spread: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.maxValue(0.5),
      v.description('α: how much less than the total the most sensitive matrix gets, and how much more the least sensitive one.'),
    ),
    0.1,
  ),
};

/**
 *     ρ_i = (Σ of P_j with q_j < q_i  +  ½ Σ of P_j with q_j = q_i) / Σ P
 *
 * Weighted by P their mean is 1/2, whatever the values, so that a large matrix counts for more than a small one.
 *
 * @param values  q, larger = more sensitive; only their order counts
 * @param sizes   P, the weights of each
 * @returns       ρ, f64 in (0, 1)
 */
export function midRanks(values: ArrayLike<number>, sizes: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  let below = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    let tied = 0;
    for (; to < order.length && values[order[to]] === values[order[from]]; to++) tied += sizes[order[to]];
    for (let k = from; k < to; k++) ranks[order[k]] = below + tied / 2;
    below += tied;
  }
  return ranks.map((rank) => rank / below);
}

/**
 *     s_i = p + α (1 - 2 ρ_i)
 *
 * @param spread  α: the most sensitive matrix gets about this much less than p, and the least sensitive one this much more
 * @returns       f64, whose mean weighted by `sizes` is p; beyond [0, 1] where p is within `spread` of them
 */
export function rankedShares(values: ArrayLike<number>, sizes: ArrayLike<number>, sparsity: number, spread: number): Float64Array {
  return midRanks(values, sizes).map((rank) => sparsity + spread * (1 - 2 * rank));
}
