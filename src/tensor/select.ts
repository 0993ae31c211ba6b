/** Exact selection and exact rounding: what makes every count of zeros come out to the single weight. */

import { SecateurError } from '../error.ts';

/** Digits of the radix selection, from the highest: 11 + 11 + 10 bits of an f32, and where the digits above them begin. */
const digits = [
  { shift: 21, size: 2048, above: 32 },
  { shift: 10, size: 2048, above: 21 },
  { shift: 0, size: 1024, above: 10 },
] as const;
const signBit = 0x80000000 | 0;

/**
 * Marks exactly `count` of the entries `[from, to)` as pruned (0) and the others as kept (1).
 *
 * The smallest scores go first; among equal scores the one with the lower index goes first, so the key is
 * (score, index) and the result is one, whatever the ties. Three counting passes and one marking pass: linear time.
 *
 * @param scores  f32; infinities are ordered, -0 equals 0
 * @param mask    written in `[from, to)` only
 * @throws        `NOT_FINITE` when a score in the range is NaN
 */
export function markSmallest(scores: Float32Array, count: number, mask: Uint8Array, from = 0, to = scores.length): void {
  if (!Number.isInteger(count) || count < 0 || count > to - from) throw new RangeError(`cannot mark ${count} of ${to - from} scores`);
  const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  refuseNaN(bits, from, to);
  if (count === 0 || count === to - from) {
    mask.fill(count === 0 ? 1 : 0, from, to);
    return;
  }
  const { key, below } = findKey(bits, count, from, to);
  let ties = count - below;
  for (let i = from; i < to; i++) {
    const k = orderedKey(bits[i]);
    mask[i] = k < key || (k === key && ties-- > 0) ? 0 : 1;
  }
}

/** The key of the count-th smallest entry, and how many keys are smaller. */
function findKey(bits: Int32Array, count: number, from: number, to: number): { key: number; below: number } {
  const histogram = new Uint32Array(2048);
  let prefix = 0;
  let below = 0;
  for (const { shift, size, above } of digits) {
    histogram.fill(0);
    for (let i = from; i < to; i++) {
      const k = orderedKey(bits[i]) ^ signBit;
      if (above === 32 || k >>> above === prefix) histogram[(k >>> shift) & (size - 1)]++;
    }
    let digit = 0;
    while (below + histogram[digit] < count) below += histogram[digit++];
    prefix = prefix * size + digit;
  }
  return { key: prefix ^ signBit, below };
}

/** Maps the bits of an f32 to a signed integer of the same order: -Infinity first, 0 for both zeros, +Infinity last. */
function orderedKey(bits: number): number {
  if (bits >= 0) return bits;
  return bits === signBit ? 0 : bits ^ 0x7fffffff;
}

function refuseNaN(bits: Int32Array, from: number, to: number): void {
  for (let i = from; i < to; i++)
    if ((bits[i] & 0x7fffffff) > 0x7f800000) throw new SecateurError('NOT_FINITE', `the score of entry ${i} is NaN`);
}

/**
 * Marks one group of m entries: the n largest scores as kept (1), the others as pruned (0); among equals the lower index is kept.
 * A score of -Infinity is never kept, so that fewer than n may be.
 *
 * @param from    index of the group's first entry, the next ones following at distance `stride`
 * @throws        `NOT_FINITE` when a score of the group is NaN
 */
export function markGroup(scores: Float32Array, group: { n: number; m: number }, mask: Uint8Array, from: number, stride = 1): void {
  const end = from + group.m * stride;
  for (let i = from; i < end; i += stride) {
    const score = scores[i];
    if (Number.isNaN(score)) throw new SecateurError('NOT_FINITE', `the score of entry ${i} is NaN`);
    let nBetter = 0;
    for (let k = from; k < end; k += stride) if (scores[k] > score || (scores[k] === score && k < i)) nBetter++;
    mask[i] = nBetter < group.n && score !== Number.NEGATIVE_INFINITY ? 1 : 0;
  }
}

/**
 * Rounds shares to integers that add up to `total`: each share is rounded down, and what is missing goes, one each, to
 * the shares that lost most by it (ties: lower index first). No result is above its cap.
 *
 * @param shares  not negative, none above its cap, their sum `total` but for rounding errors
 * @param caps    integers; none unless given
 */
export function largestRemainder(shares: ArrayLike<number>, total: number, caps?: ArrayLike<number>): number[] {
  const size = shares.length;
  const counts = new Array<number>(size);
  // What a share lost by being rounded down; those that are full come last.
  const lost = new Float64Array(size);
  let missing = total;
  let nOpen = 0;
  for (let i = 0; i < size; i++) {
    const cap = caps === undefined ? Number.POSITIVE_INFINITY : caps[i];
    counts[i] = Math.min(Math.floor(shares[i]), cap);
    missing -= counts[i];
    lost[i] = counts[i] < cap ? shares[i] - counts[i] : -1;
    if (counts[i] < cap) nOpen++;
  }
  if (missing < 0 || missing > nOpen) throw new RangeError(`shares that leave ${missing} of ${total} over cannot be rounded`);
  if (missing === 0) return counts;
  const least = lost.slice().sort()[size - missing];
  let ties = missing;
  for (let i = 0; i < size; i++) if (lost[i] > least) ties--;
  for (let i = 0; i < size; i++) if (lost[i] > least || (lost[i] === least && ties-- > 0)) counts[i]++;
  return counts;
}

/**
 * Shares `total` out in proportion to the sizes, rounded as by `largestRemainder`. Whose minimum is above its share gets its minimum,
 * and the others share what that leaves.
 *
 * @param sizes     integers; no share is above its size
 * @param minimums  integers, none above its size
 * @throws          `RangeError` when the total is not between the sum of the minimums and that of the sizes
 */
export function shareEvenly(total: number, sizes: readonly number[], minimums: readonly number[]): number[] {
  const [least, most] = [sum(minimums), sum(sizes)];
  if (!Number.isInteger(total) || total < least || total > most) throw new RangeError(`${total} is not between ${least} and ${most}`);
  let open = sizes.map((_, i) => i);
  let [rest, room] = [total, most];
  const isShort = (i: number) => (rest * sizes[i]) / room < minimums[i];
  for (let short = open.filter(isShort); short.length > 0; short = open.filter(isShort)) {
    open = open.filter((i) => !isShort(i));
    for (const i of short) {
      rest -= minimums[i];
      room -= sizes[i];
    }
  }
  const shares = minimums.slice();
  for (const i of open) shares[i] = (rest * sizes[i]) / room;
  return largestRemainder(shares, total, sizes);
}

/** How many entries are zero in each of the stretches of these sizes, which follow one another. */
export function countZeros(data: ArrayLike<number>, sizes: readonly number[]): number[] {
  let at = 0;
  return sizes.map((size) => {
    let zeros = 0;
    for (const end = at + size; at < end; at++) if (data[at] === 0) zeros++;
    return zeros;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
