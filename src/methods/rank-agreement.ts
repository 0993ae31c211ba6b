/** How far two lists of values order the same things alike. */

import { midRanks } from './mid-ranks.ts';

/**
 * Spearman's rank correlation: 1 the same order, 0 none in common, -1 the reverse. Ties share their mean rank.
 *
 * @returns  NaN where all values of a list are equal, for then it has no order
 */
export function rankAgreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const equal = new Float64Array(a.length).fill(1);
  // The mean of mid-ranks is 1/2.
  const [x, y] = [midRanks(a, equal), midRanks(b, equal)].map((ranks) => ranks.map((rank) => rank - 0.5));
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

function product(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}
