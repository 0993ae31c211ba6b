import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { midRanks, rankedShares } from '../../src/methods/mid-ranks.ts';

/** A few values many times, so that ties are there. */
const cases = fc.array(
  fc.record({
    value: fc.oneof(fc.constantFrom(-1, 0, 1, 2), fc.double({ min: -1e9, max: 1e9, noNaN: true })),
    size: fc.integer({ min: 1, max: 1e8 }),
  }),
  { minLength: 1, maxLength: 50 },
);
const split = (items: readonly { value: number; size: number }[]) => ({
  values: items.map(({ value }) => value),
  sizes: items.map(({ size }) => size),
});

function weightedMean(values: ArrayLike<number>, sizes: readonly number[]): number {
  const weights = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.reduce((sum, size, i) => sum + size * values[i]!, 0) / weights;
}

describe('midRanks', () => {
  test('count the weights below and half of those that are level', () => {
    expect(Array.from(midRanks([5, -2, 5, 7], [10, 20, 30, 40]))).toEqual([0.4, 0.1, 0.4, 0.8]);
  });

  test('follow the definition, and have a mean of one half whatever the sizes', () => {
    fc.assert(
      fc.property(cases, (items) => {
        const { values, sizes } = split(items);
        const ranks = midRanks(values, sizes);
        const weights = sizes.reduce((sum, size) => sum + size, 0);
        for (const [i, value] of values.entries()) {
          const below = items.reduce((sum, other) => sum + (other.value < value ? other.size : 0), 0);
          const level = items.reduce((sum, other) => sum + (other.value === value ? other.size : 0), 0);
          expect(ranks[i]).toBeCloseTo((below + level / 2) / weights, 12);
        }
        expect(weightedMean(ranks, sizes)).toBeCloseTo(0.5, 12);
      }),
      { seed: 1 },
    );
  });
});

describe('rankedShares', () => {
  test('have the mean asked for, and give no more to what is more sensitive', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(cases, share, share, (items, sparsity, spread) => {
        const { values, sizes } = split(items);
        const shares = rankedShares(values, sizes, sparsity, spread);
        expect(weightedMean(shares, sizes)).toBeCloseTo(sparsity, 12);
        for (const [i, a] of values.entries())
          for (const [j, b] of values.entries()) {
            if (a > b) expect(shares[i]).toBeLessThanOrEqual(shares[j]!);
            if (a === b) expect(shares[i]).toBe(shares[j]);
          }
      }),
      { seed: 2 },
    );
  });

  test('are spread by α above and below where the matrices are many and small', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i * 617) % 1000);
    const shares = rankedShares(values, new Array<number>(1000).fill(64), 0.5, 0.1);
    expect(Math.min(...shares)).toBeCloseTo(0.4, 3);
    expect(Math.max(...shares)).toBeCloseTo(0.6, 3);
  });
});
