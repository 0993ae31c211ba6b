/** Turns the sparsity wished for each slot into numbers of zeros that add up to the total, to the single weight. */

import { SecateurError } from '../../error.ts';
import { largestRemainder } from '../../tensor/select.ts';
import type { Slot } from '../allocator.ts';

export interface CountRequest {
  readonly slots: readonly Slot[];
  /** Sparsity wished for each slot; only the differences between the free ones matter. */
  readonly shares: ArrayLike<number>;
  /** Zeros in all slots together. */
  readonly total: number;
  /** Zeros a slot has at least, for example those it has already; 0 unless given. Also a fixed slot has at least these. */
  readonly minimums?: ArrayLike<number>;
  /** Zeros a slot has at most; all its weights unless given. */
  readonly maximums?: ArrayLike<number>;
  /** Sparsity of the slots that are fixed, `undefined` for those that share what remains. */
  readonly fixed?: readonly (number | undefined)[];
}

/**
 * Zeros of every slot: within the limits, adding up to `total` exactly.
 *
 * All free slots' shares are moved by one offset until the total is met within the limits, then rounded by largest remainder.
 *
 * @throws `BUDGET_INFEASIBLE` when the limits leave no room for the total
 */
export function exactCounts({ slots, shares, total, minimums, maximums, fixed }: CountRequest): number[] {
  const sizes = slots.map((slot) => slot.out * slot.in);
  const fixedZeros = slots.map((_, i) => (fixed?.[i] === undefined ? undefined : Math.round(fixed[i] * sizes[i])));
  const least = sizes.map((_, i) => Math.max(minimums?.[i] ?? 0, fixedZeros[i] ?? 0));
  const most = sizes.map((size, i) => (fixedZeros[i] === undefined ? Math.min(maximums?.[i] ?? size, size) : least[i]));
  refuseInfeasible(total, least, most, sizes);
  const quotas = (offset: number) => sizes.map((size, i) => Math.min(Math.max((shares[i] + offset) * size, least[i]), most[i]));
  return largestRemainder(quotas(findOffset(quotas, total)), total, most);
}

/** An offset whose quotas add up to the total or a hair less: 60 halvings of a range at whose ends every share is at a limit. */
function findOffset(quotas: (offset: number) => readonly number[], total: number): number {
  let low = -2;
  let high = 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (sum(quotas(middle)) <= total) low = middle;
    else high = middle;
  }
  return low;
}

function refuseInfeasible(total: number, least: readonly number[], most: readonly number[], sizes: readonly number[]): void {
  const [fewest, weights] = [sum(least), sum(sizes)];
  const largest = sum(most);
  if (total >= fewest && total <= largest) return;
  const percent = (zeros: number) => `${zeros} (${((100 * zeros) / weights).toFixed(2)} %)`;
  throw new SecateurError(
    'BUDGET_INFEASIBLE',
    `${percent(total)} of ${weights} weights cannot be zero: the limits and fixed matrices allow ${percent(fewest)} to ${percent(largest)}`,
    'Ask for a sparsity within these, or fix fewer matrices.',
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
