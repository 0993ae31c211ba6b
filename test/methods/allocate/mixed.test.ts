import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { exactCounts } from '../../../src/methods/allocate/counts.ts';
import { mixed } from '../../../src/methods/allocate/mixed.ts';
import { inputOf, meanShare, sizesOf, valuedSlots } from '../../support/sensitivities.ts';
import { makeSlots } from '../../support/slots.ts';

const defaults = v.parse(mixed.options, {});
const share = fc.double({ min: 0, max: 0.99, noNaN: true });

describe('mixed', () => {
  test('T15: the total is exact within the limits, and what is more sensitive never gets more sparsity', () => {
    fc.assert(
      fc.property(valuedSlots, share, fc.constantFrom(0, 0.05, 0.1, 0.5), fc.constantFrom(0, 0.3), ({ slots, values }, p, spread, room) => {
        const shares = mixed.allocate(inputOf(slots, p, values), { ...defaults, spread });
        expect(meanShare(shares, slots)).toBeCloseTo(p, 12);
        const sizes = sizesOf(slots);
        const total = Math.round(p * sizes.reduce((sum, size) => sum + size, 0));
        const [low, high] = [p - room * p, p + room * (1 - p)];
        const [minimums, maximums] = [sizes.map((size) => Math.floor(low * size)), sizes.map((size) => Math.ceil(high * size))];
        const zeros = exactCounts({ slots, shares, total, minimums, maximums });
        expect(zeros.reduce((sum, count) => sum + count, 0)).toBe(total);
        for (const [i, count] of zeros.entries()) {
          expect(count).toBeGreaterThanOrEqual(minimums[i]!);
          expect(count).toBeLessThanOrEqual(maximums[i]!);
          for (const [j, other] of zeros.entries())
            if (values[i]! > values[j]!) expect(count / sizes[i]!).toBeLessThanOrEqual(other / sizes[j]! + 1 / sizes[i]! + 1 / sizes[j]!);
        }
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  test.each([0.3, 0.5, 0.6, 0.7, 0.9])('the most sensitive matrix gets the least sparsity at %d too', (sparsity) => {
    const slots = makeSlots(10);
    const values = slots.map((_, i) => (i * 7) % slots.length);
    const shares = mixed.allocate(inputOf(slots, sparsity, values), defaults);
    expect(shares[values.indexOf(slots.length - 1)]).toBe(Math.min(...shares));
    expect(shares[values.indexOf(0)]).toBe(Math.max(...shares));
    expect(Math.max(...shares) - Math.min(...shares)).toBeCloseTo(0.2 * (1 - 1 / slots.length), 12);
  });

  test('ranks by the order of the values alone', () => {
    const slots = makeSlots(3);
    const values = slots.map((_, i) => (i * 5) % 12);
    const shares = mixed.allocate(inputOf(slots, 0.5, values), defaults);
    expect(
      mixed.allocate(
        inputOf(
          slots,
          0.5,
          values.map((value) => Math.exp(value)),
        ),
        defaults,
      ),
    ).toEqual(shares);
  });

  test('gives all matrices of a block one sparsity, by the sum of what was found of them', () => {
    const slots = makeSlots(3, { shapeOf: (i) => [i >> 2 === 1 ? 20 : 10, 10] });
    const values = [5, 0, 0, 0, 2, 2, 2, 2, 1, 1, 1, 1];
    const shares = mixed.allocate(inputOf(slots, 0.5, values), { spread: 0.3, level: 'block' });
    for (const [first, expected] of [
      [0, 0.575],
      [4, 0.35],
      [8, 0.725],
    ] as const)
      for (let i = first; i < first + 4; i++) expect(shares[i]).toBeCloseTo(expected, 12);
  });

  test('reads a curve at the sparsity asked for', () => {
    const slots = makeSlots(1, { kinds: ['a', 'b'] });
    const early = [
      { sparsity: 0.5, error: 1 },
      { sparsity: 1, error: 1.1 },
    ];
    const late = [
      { sparsity: 0.5, error: 0 },
      { sparsity: 1, error: 9 },
    ];
    const difference = (sparsity: number) => {
      const [a, b] = mixed.allocate(inputOf(slots, sparsity, [early, late]), defaults);
      return a! - b!;
    };
    expect(difference(0.5)).toBeLessThan(0);
    expect(difference(0.8)).toBeGreaterThan(0);
  });
});
