import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactCounts, feasibleCounts, nearestShare } from '../../../src/methods/allocate/counts.ts';
import type { Slot } from '../../../src/methods/allocator.ts';

const slotOf = (out: number, width: number, i: number): Slot => ({ name: `w${i}`, block: i, kind: 'q_proj', out, in: width });
const dimension = fc.integer({ min: 1, max: 3000 });
const slotLists = fc
  .array(fc.tuple(dimension, dimension), { minLength: 1, maxLength: 30, size: 'max' })
  .map((shapes) => shapes.map(([out, width], i) => slotOf(out, width, i)));
const share = fc.double({ min: -0.3, max: 1.3, noNaN: true });
const fraction = fc.double({ min: 0, max: 1, noNaN: true });

/** By 60 halvings, as plain as can be; with the sum of quotas of the offset that is found. */
function quotasByHalving({
  shares,
  sizes,
  total,
  minimums,
  maximums,
}: Record<'shares' | 'sizes' | 'minimums' | 'maximums', number[]> & { total: number }) {
  const quotas = (offset: number) => sizes.map((size, i) => Math.min(Math.max((shares[i] + offset) * size, minimums[i]), maximums[i]));
  let [low, high] = [-3, 3];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (add(quotas(middle)) <= total) low = middle;
    else high = middle;
  }
  return quotas(low);
}

const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const sizesOf = (slots: readonly Slot[]) => slots.map((slot) => slot.out * slot.in);

/** Shares, limits and a total between them. */
const requests = fc
  .tuple(slotLists, fc.array(fc.tuple(share, fraction, fraction), { minLength: 30, maxLength: 30 }), fraction)
  .map(([slots, draws, position]) => {
    const sizes = sizesOf(slots);
    const shares = slots.map((_, i) => draws[i][0]);
    const minimums = sizes.map((size, i) => Math.floor(size * Math.min(draws[i][1], draws[i][2])));
    const maximums = sizes.map((size, i) => Math.ceil(size * Math.max(draws[i][1], draws[i][2])));
    const total = Math.round(add(minimums) + position * (add(maximums) - add(minimums)));
    return { slots, sizes, shares, minimums, maximums, total };
  });

describe('exactCounts', () => {
  test('rounds the very quotas that halving finds', () => {
    fc.assert(
      fc.property(requests, ({ slots, sizes, shares, minimums, maximums, total }) => {
        const counts = exactCounts({ slots, shares, total, minimums, maximums });
        const quotas = quotasByHalving({ shares, sizes, total, minimums, maximums });
        expect(Math.max(...counts.map((count, i) => Math.abs(count - quotas[i])))).toBeLessThan(1 + 1e-6);
      }),
      { numRuns: 300 },
    );
  });

  test('T15: adds up to the total exactly, within the limits, and keeps the order of the shares', () => {
    fc.assert(
      fc.property(requests, ({ slots, sizes, shares, minimums, maximums, total }) => {
        const counts = exactCounts({ slots, shares, total, minimums, maximums });
        expect(add(counts)).toBe(total);
        expect(counts.every((count, i) => Number.isInteger(count) && count >= minimums[i] && count <= maximums[i])).toBe(true);
        const free = slots.map((_, i) => i).filter((i) => counts[i] > minimums[i] && counts[i] < maximums[i]);
        const isInOrder = (i: number, j: number) => counts[i] / sizes[i] <= counts[j] / sizes[j] + 1 / sizes[i] + 1 / sizes[j];
        expect(free.every((i) => free.every((j) => shares[i] >= shares[j] || isInOrder(i, j)))).toBe(true);
      }),
      { numRuns: 200, seed: 6 },
    );
  });

  test('T15: shares that meet the total are only rounded', () => {
    const slots = [slotOf(3, 3, 0), slotOf(7, 5, 1), slotOf(576, 1536, 2)];
    const counts = exactCounts({ slots, shares: [0.2, 0.7, 0.5], total: Math.round(0.2 * 9 + 0.7 * 35 + 0.5 * 884736) });
    expect(counts).toEqual([2, 24, 442368]);
  });

  test('free slots share what the fixed ones leave', () => {
    const slots = [slotOf(10, 10, 0), slotOf(10, 10, 1), slotOf(20, 10, 2)];
    expect(exactCounts({ slots, shares: [0.5, 0.5, 0.5], total: 200, fixed: [0, undefined, undefined] })).toEqual([0, 67, 133]);
    expect(exactCounts({ slots, shares: [0.5, 0.4, 0.6], total: 200, fixed: [0.333, undefined, undefined] })).toEqual([33, 42, 125]);
  });

  test('a fixed slot that has more zeros already counts with these', () => {
    const slots = [slotOf(10, 10, 0), slotOf(10, 10, 1)];
    expect(exactCounts({ slots, shares: [0.5, 0.5], total: 60, minimums: [7, 0], fixed: [0, undefined] })).toEqual([7, 53]);
  });

  test('counts far beyond 32 bits stay exact', () => {
    const slots = Array.from({ length: 300 }, (_, i) => slotOf(53248 + i, 16384, i));
    const weights = add(sizesOf(slots));
    const total = Math.round(weights * 0.512345);
    const counts = exactCounts({ slots, shares: slots.map((_, i) => 0.5 + (i % 7) / 50), total });
    expect(total).toBeGreaterThan(2 ** 36);
    expect(add(counts)).toBe(total);
  });

  test.each([
    { total: 190, fixed: [0.5, 0.5], range: '100 (50.00 %) to 100 (50.00 %)' },
    { total: 190, fixed: [0.5, undefined], range: '50 (25.00 %) to 150 (75.00 %)' },
    { total: 20, fixed: [0.5, undefined], range: '50 (25.00 %) to 150 (75.00 %)' },
  ])('T15: says what is feasible where $total zeros are not', ({ total, fixed, range }) => {
    const slots = [slotOf(10, 10, 0), slotOf(10, 10, 1)];
    expect(() => exactCounts({ slots, shares: [0.5, 0.5], total, fixed })).toThrow(
      expect.objectContaining({ code: 'BUDGET_INFEASIBLE', message: expect.stringContaining(range) }),
    );
  });
});

describe('nearestShare', () => {
  test('is the nearest that can be met, in four digits where these do', () => {
    expect(nearestShare(900, { least: 100, most: 500, weights: 1000 })).toBe(0.5);
    expect(nearestShare(0, { least: 123_456, most: 500_000, weights: 1_000_000 })).toBe(0.1235);
    expect(nearestShare(0, { least: 123_456, most: 123_456, weights: 1_000_000 })).toBe(0.123456);
    expect(nearestShare(250, { least: 100, most: 500, weights: 1000 })).toBe(0.25);
  });

  test('asks for a total that can be met, however narrow the room is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fraction, fc.nat(10), (weights, position, room) => {
        const least = Math.floor(position * weights);
        const feasible = { least, most: Math.min(least + room, weights), weights };
        const zeros = Math.round(nearestShare(0, feasible) * weights);
        expect(zeros).toBeGreaterThanOrEqual(feasible.least);
        expect(zeros).toBeLessThanOrEqual(feasible.most);
      }),
    );
  });
});

test('feasibleCounts adds up what limits and fixed slots allow', () => {
  const slots = [slotOf(10, 10, 0), slotOf(10, 10, 1), slotOf(10, 10, 2)];
  expect(feasibleCounts({ slots, minimums: [10, 20, 30], maximums: [50, 60, 70], fixed: [undefined, 0.4, 0.1] })).toEqual({
    least: 10 + 40 + 30,
    most: 50 + 40 + 30,
    weights: 300,
  });
});
