/** Turns the sparsity wished for each slot into numbers of zeros that add up to the total, to the single weight. */

import { SecateurError } from '../../error.ts';
import { largestRemainder } from '../../tensor/select.ts';
import type { Slot } from '../allocator.ts';

/** What bounds the zeros of each slot. */
export interface CountLimits {
  readonly slots: readonly Slot[];
  /** Zeros a slot has at least, for example those it has already; 0 unless given. Also a fixed slot has at least these. */
  readonly minimums?: ArrayLike<number>;
  /** Zeros a slot has at most; all its weights unless given. */
  readonly maximums?: ArrayLike<number>;
  /** Sparsity of the slots that are fixed, `undefined` for those that share what remains. */
  readonly fixed?: readonly (number | undefined)[];
}

export interface CountRequest extends CountLimits {
  /** Sparsity wished for each slot; only the differences between the free ones matter. */
  readonly shares: ArrayLike<number>;
  /** Zeros in all slots together. */
  readonly total: number;
}

/** Totals that can be met, in zeros, and all weights there are. */
export interface FeasibleCounts {
  readonly least: number;
  readonly most: number;
  readonly weights: number;
}

/**
 * Zeros of every slot: within the limits, adding up to `total` exactly.
 *
 * All free slots' shares are moved by one offset until the total is met within the limits, then rounded by largest remainder.
 *
 * @throws `BUDGET_INFEASIBLE` when the limits leave no room for the total
 */
export function exactCounts({ shares, total, ...limits }: CountRequest): number[] {
  const bounds = boundsOf(limits);
  refuseInfeasible(total, sumsOf(bounds));
  const quotas = { ...bounds, shares: new Float64Array(shares) };
  return largestRemainder(quotasAt(quotas, findOffset(quotas, total)), total, bounds.most);
}

export function feasibleCounts(limits: CountLimits): FeasibleCounts {
  return sumsOf(boundsOf(limits));
}

/** The least and most share of zeros of every slot, f64; one where it is fixed. */
export function shareLimits(limits: CountLimits): { readonly least: Float64Array; readonly most: Float64Array } {
  const { sizes, least, most } = boundsOf(limits);
  return { least: least.map((zeros, i) => zeros / sizes[i]), most: most.map((zeros, i) => zeros / sizes[i]) };
}

/** The share nearest to `total` that can be met, in as few digits as meet it, four at least. */
export function nearestShare(total: number, { least, most, weights }: FeasibleCounts): number {
  const nearest = Math.min(Math.max(total, least), most) / weights;
  for (let digits = 4; digits < 17; digits++)
    for (const round of [Math.round, Math.ceil, Math.floor]) {
      const share = Number(`${round(Number(`${nearest}e${digits}`))}e-${digits}`);
      const zeros = Math.round(share * weights);
      if (zeros >= least && zeros <= most) return share;
    }
  return nearest;
}

interface Bounds {
  readonly sizes: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;
}

function boundsOf({ slots, minimums, maximums, fixed }: CountLimits): Bounds {
  const [sizes, least, most] = [0, 1, 2].map(() => new Float64Array(slots.length));
  for (let i = 0; i < slots.length; i++) {
    const size = slots[i].out * slots[i].in;
    const share = fixed?.[i];
    sizes[i] = size;
    least[i] = Math.max(minimums?.[i] ?? 0, share === undefined ? 0 : Math.round(share * size));
    most[i] = share === undefined ? Math.min(maximums?.[i] ?? size, size) : least[i];
  }
  return { sizes, least, most };
}

function sumsOf({ sizes, least, most }: Bounds): FeasibleCounts {
  return { least: sum(least), most: sum(most), weights: sum(sizes) };
}

type Quotas = Bounds & { readonly shares: Float64Array };

function quotasAt({ shares, sizes, least, most }: Quotas, offset: number): Float64Array {
  const quotas = new Float64Array(shares.length);
  for (let i = 0; i < quotas.length; i++) quotas[i] = Math.min(Math.max((shares[i] + offset) * sizes[i], least[i]), most[i]);
  return quotas;
}

/**
 * An offset whose quotas add up to the total, or to less by so little that rounding them makes it up.
 *
 * Their sum is a line between any two offsets at which no quota meets a limit, so a step of Newton's is exact as soon as it stays on one
 * line; a halving follows every step that leaves the range or shortens it little. The range begins where every quota is at a limit.
 */
function findOffset({ shares, sizes, least, most }: Quotas, total: number): number {
  let [low, high] = limitsOfOffset({ shares, sizes, least, most });
  let offset = 0;
  for (let step = 0; step < 200; step++) {
    if (!(offset > low && offset < high)) offset = (low + high) / 2;
    if (offset === low || offset === high) return low;
    let quotas = 0;
    let slope = 0;
    for (let i = 0; i < shares.length; i++) {
      const quota = (shares[i] + offset) * sizes[i];
      if (quota <= least[i]) quotas += least[i];
      else if (quota >= most[i]) quotas += most[i];
      else {
        quotas += quota;
        slope += sizes[i];
      }
    }
    // What is left is less than the sum's own rounding.
    if (quotas <= total && total - quotas <= total * 2 ** -48) return offset;
    if (quotas < total) low = offset;
    else high = offset;
    offset = step % 4 === 3 || slope === 0 ? (low + high) / 2 : offset + (total - quotas) / slope;
  }
  return low;
}

/** An offset at which every quota is the least it can be, and one at which every quota is the most. */
function limitsOfOffset({ shares, sizes, least, most }: Quotas): [number, number] {
  let [low, high] = [0, 0];
  for (let i = 0; i < shares.length; i++) {
    low = Math.min(low, least[i] / sizes[i] - shares[i]);
    high = Math.max(high, most[i] / sizes[i] - shares[i]);
  }
  return [low - 1, high + 1];
}

function refuseInfeasible(total: number, feasible: FeasibleCounts): void {
  const { least, most, weights } = feasible;
  if (total >= least && total <= most) return;
  const percent = (zeros: number) => `${zeros} (${((100 * zeros) / weights).toFixed(2)} %)`;
  throw new SecateurError(
    'BUDGET_INFEASIBLE',
    `${percent(total)} of ${weights} weights cannot be zero: the limits and fixed matrices allow ${percent(least)} to ${percent(most)}`,
    `The nearest sparsity that can be met is ${nearestShare(total, feasible)}. Ask for it, or fix fewer matrices.`,
  );
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
