import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SecateurError } from '../../src/error.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { countZeros, largestRemainder, markGroup, markSmallest, shareEvenly } from '../../src/tensor/select.ts';

/** Few values, so that ties are everywhere, and every kind of number there is but NaN. */
const score = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 1e-45, -1e-45, 3.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3.4e38),
  fc.float({ noNaN: true }),
);
const scoreArrays = fc.array(score, { minLength: 1, maxLength: 200, size: 'max' }).map((values) => Float32Array.from(values));

/** By sorting (score, index), the two zeros being equal. */
function smallestBySorting(scores: Float32Array, count: number, from: number, to: number): Set<number> {
  const indices = Array.from({ length: to - from }, (_, i) => from + i);
  indices.sort((a, b) => (scores[a] < scores[b] ? -1 : scores[a] > scores[b] ? 1 : a - b));
  return new Set(indices.slice(0, count));
}

describe('markSmallest', () => {
  test('prunes exactly those that sorting by (score, index) puts first, and touches nothing outside the range', () => {
    fc.assert(
      fc.property(scoreArrays, fc.nat(), fc.nat(), fc.nat(), (scores, a, b, c) => {
        const from = a % scores.length;
        const to = from + (b % (scores.length - from + 1));
        const count = c % (to - from + 1);
        const mask = new Uint8Array(scores.length).fill(9);
        markSmallest(scores, count, mask, from, to);
        const pruned = smallestBySorting(scores, count, from, to);
        const expected = scores.map((_, i) => (i < from || i >= to ? 9 : pruned.has(i) ? 0 : 1));
        expect(mask.every((kept, i) => kept === expected[i])).toBe(true);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test('agrees with sorting on many close scores, of which only low bits differ', () => {
    const random = createRandom(5);
    const bits = Uint32Array.from({ length: 30_001 }, () => 0x3f800000 + random.below(5000));
    const scores = new Float32Array(bits.buffer);
    for (const count of [1, 2, 1023, 15_000, 29_999]) {
      const mask = new Uint8Array(scores.length);
      markSmallest(scores, count, mask);
      const pruned = smallestBySorting(scores, count, 0, scores.length);
      expect(mask.every((kept, i) => kept === (pruned.has(i) ? 0 : 1))).toBe(true);
    }
  });

  test('of a million equal scores takes the first ones, in linear time', () => {
    const mask = new Uint8Array(1_000_000);
    markSmallest(new Float32Array(1_000_000).fill(0.25), 123_457, mask);
    expect(mask.indexOf(1)).toBe(123_457);
    expect(mask.lastIndexOf(0)).toBe(123_456);
  });

  test('refuses NaN in the range, whatever the count, and ignores it outside', () => {
    const scores = Float32Array.of(1, Number.NaN, 2, 3);
    for (const count of [0, 1, 4]) {
      const attempt = () => markSmallest(scores, count, new Uint8Array(4));
      expect(attempt).toThrow(expect.objectContaining({ code: 'NOT_FINITE', message: 'the score of entry 1 is NaN' }));
      expect(attempt).toThrow(SecateurError);
    }
    const mask = new Uint8Array(4);
    markSmallest(scores, 1, mask, 2);
    expect(Array.from(mask)).toEqual([0, 0, 0, 1]);
  });

  test('a count that cannot be is a bug', () => {
    for (const count of [-1, 5, 1.5]) expect(() => markSmallest(new Float32Array(4), count, new Uint8Array(4))).toThrow(RangeError);
  });
});

describe('markGroup', () => {
  test('keeps the n that sorting by score, then by lower index, puts first, along a stride, but never -Infinity', () => {
    fc.assert(
      fc.property(fc.array(score, { minLength: 8, maxLength: 8 }), fc.nat(8), fc.integer({ min: 1, max: 4 }), (values, n, stride) => {
        const scores = new Float32Array(8 * stride + 2).fill(Number.NaN);
        const at = (i: number) => 2 + i * stride;
        for (const [i, value] of values.entries()) scores[at(i)] = value;
        const mask = new Uint8Array(scores.length).fill(9);
        markGroup(scores, { n, m: 8 }, mask, 2, stride);
        const order = values
          .map((_, i) => i)
          .sort((a, b) => (scores[at(a)] > scores[at(b)] ? -1 : scores[at(a)] < scores[at(b)] ? 1 : a - b));
        for (let i = 0; i < 8; i++) expect(mask[at(i)]).toBe(order.indexOf(i) < n && values[i] > Number.NEGATIVE_INFINITY ? 1 : 0);
        expect(mask.filter((kept) => kept === 9)).toHaveLength(scores.length - 8);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  test('refuses NaN', () => {
    const scores = Float32Array.of(1, 2, Number.NaN, 4);
    expect(() => markGroup(scores, { n: 2, m: 4 }, new Uint8Array(4), 0)).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
  });
});

describe('largestRemainder', () => {
  test('adds up to the total, no share moved by one or more, none above its cap, larger remainders first', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 40, size: 'max' }), (raw) => {
        const total = Math.round(raw.reduce((sum, share) => sum + share, 0));
        const rawSum = raw.reduce((sum, share) => sum + share, 0);
        fc.pre(rawSum > 1);
        const shares = raw.map((share) => (share * total) / rawSum);
        const caps = shares.map((share) => Math.ceil(share));
        const counts = largestRemainder(shares, total, caps);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
        expect(counts.every((count, i) => Number.isInteger(count) && Math.abs(count - shares[i]) < 1 && count <= caps[i])).toBe(true);
        const raised = shares.filter((share, i) => counts[i] > share).map((share) => share % 1);
        const lowered = shares.filter((share, i) => counts[i] < share).map((share) => share % 1);
        expect(Math.min(1, ...raised)).toBeGreaterThanOrEqual(Math.max(0, ...lowered));
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  test('raises those that sorting by what they lost, then by index, puts first', () => {
    const part = fc.tuple(fc.nat(1000), fc.constantFrom(0, 0.25, 0.5, 0.5, 0.75), fc.boolean());
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 40, size: 'max' }), (parts) => {
        const shares = parts.map(([whole, rest]) => whole + rest);
        const caps = parts.map(([whole, , isFull]) => (isFull ? whole : whole + 1));
        const counts = shares.map(Math.floor);
        const open = shares.map((_, i) => i).filter((i) => counts[i] < caps[i]);
        const missing = Math.floor(open.length / 2);
        const total = counts.reduce((sum, count) => sum + count, missing);
        for (const i of open.sort((a, b) => (shares[b] % 1) - (shares[a] % 1) || a - b).slice(0, missing)) counts[i]++;
        expect(largestRemainder(shares, total, caps)).toEqual(counts);
      }),
      { numRuns: 200 },
    );
  });

  test('gives what is over to the first of equals, and passes those by that are full', () => {
    expect(largestRemainder([2.5, 2.5, 2.5, 2.5], 10)).toEqual([3, 3, 2, 2]);
    expect(largestRemainder([2.9, 2.6, 2.5], 8, [2, 3, 3])).toEqual([2, 3, 3]);
    expect(largestRemainder([3e12 + 0.5, 5e12 + 0.5], 8e12 + 1)).toEqual([3e12 + 1, 5e12]);
  });

  test('shares that do not belong to the total are a bug', () => {
    expect(() => largestRemainder([1, 1], 5)).toThrow(RangeError);
    expect(() => largestRemainder([3, 3], 5)).toThrow(RangeError);
  });
});

describe('shareEvenly', () => {
  const place = fc.record({ size: fc.integer({ min: 1, max: 1e9 }), fill: fc.double({ min: 0, max: 1, noNaN: true }) });
  const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

  test('adds up to the total; whoever gets more than its minimum gets no larger part than any other, but for rounding', () => {
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (places, position) => {
          const sizes = places.map(({ size }) => size);
          const minimums = places.map(({ size, fill }) => Math.floor(size * fill ** 3));
          const total = add(minimums) + Math.round(position * (add(sizes) - add(minimums)));
          const counts = shareEvenly(total, sizes, minimums);
          expect(add(counts)).toBe(total);
          expect(counts.every((count, i) => Number.isInteger(count) && count >= minimums[i] && count <= sizes[i])).toBe(true);
          const lowest = Math.min(...counts.map((count, i) => (count + 1) / sizes[i]));
          expect(counts.every((count, i) => count === minimums[i] || (count - 1) / sizes[i] < lowest + 1e-12)).toBe(true);
        },
      ),
      { numRuns: 300, seed: 10 },
    );
  });

  test('a total that the minimums make up leaves every place at its minimum', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 40, size: 'max' }), (places) => {
        const minimums = places.map(({ size, fill }) => Math.floor(size * fill));
        const sizes = places.map(({ size }) => size);
        expect(shareEvenly(add(minimums), sizes, minimums)).toEqual(minimums);
        expect(shareEvenly(add(sizes), sizes, minimums)).toEqual(sizes);
      }),
      { numRuns: 100, seed: 11 },
    );
  });

  test('gives what is over to the first of equals, and passes by those that have enough', () => {
    expect(shareEvenly(10, [5, 5, 5, 5], [0, 0, 0, 0])).toEqual([3, 3, 2, 2]);
    expect(shareEvenly(10, [5, 5, 5, 5], [0, 5, 0, 0])).toEqual([2, 5, 2, 1]);
    expect(shareEvenly(10, [5, 5, 5, 5], [3, 0, 4, 0])).toEqual([3, 2, 4, 1]);
    expect(shareEvenly(9, [8, 4, 2], [0, 3, 0])).toEqual([5, 3, 1]);
  });

  test('a total beyond the minimums or the sizes, or not whole, is a bug', () => {
    for (const total of [2, 11, 4.5])
      expect(() => shareEvenly(total, [5, 5], [3, 0])).toThrow(new RangeError(`${total} is not between 3 and 10`));
  });
});

test('countZeros counts zeros of either sign, stretch by stretch', () => {
  expect(countZeros([0, 1, -0, 0, 2, 0, 0], [1, 2, 0, 4])).toEqual([1, 1, 0, 3]);
});
