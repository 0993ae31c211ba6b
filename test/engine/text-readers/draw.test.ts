import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disjointStarts, randomOrder } from '../../../src/engine/text-readers/draw.ts';
import { createRandom } from '../../../src/tensor/random.ts';

describe('randomOrder', () => {
  it('gives every number once, and the same order for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.nat(), (count, seed) => {
        const order = [...randomOrder(count, createRandom(seed))];
        expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
        expect([...randomOrder(count, createRandom(seed))]).toEqual(order);
      }),
    );
  });

  it('gives each of the 24 orders of four equally often', () => {
    const counts = new Map<string, number>();
    const random = createRandom(1);
    for (let n = 0; n < 24_000; n++) {
      const order = [...randomOrder(4, random)].join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000));
  });

  it('begins an order of a billion at once', () => {
    const order = randomOrder(1e9, createRandom(2));
    const first = Array.from({ length: 1000 }, () => order.next().value as number);
    expect(new Set(first).size).toBe(1000);
    expect(Math.max(...first)).toBeGreaterThan(0.9e9);
  });
});

describe('disjointStarts', () => {
  it('lays windows that lie inside and do not overlap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 50 }),
        fc.nat({ max: 500 }),
        fc.nat(),
        (count, length, slack, seed) => {
          const total = count * length + slack;
          const starts = disjointStarts(total, count, length, createRandom(seed)).sort((a, b) => a - b);
          expect(starts.length).toBe(count);
          expect(starts[0]).toBeGreaterThanOrEqual(0);
          expect(starts.at(-1)! + length).toBeLessThanOrEqual(total);
          for (let i = 1; i < count; i++) expect(starts[i]! - starts[i - 1]!).toBeGreaterThanOrEqual(length);
        },
      ),
    );
  });

  it('lays them in every possible way equally often, in every order', () => {
    // Two windows of 3 in 9 tokens: 5 choose 2 = 10 ways, 20 with the order.
    const counts = new Map<string, number>();
    const random = createRandom(3);
    for (let n = 0; n < 20_000; n++) {
      const starts = disjointStarts(9, 2, 3, random).join();
      counts.set(starts, (counts.get(starts) ?? 0) + 1);
    }
    expect(counts.size).toBe(20);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000));
  });

  it('takes everything where nothing is to spare', () => {
    expect(disjointStarts(12, 3, 4, createRandom(4)).sort((a, b) => a - b)).toEqual([0, 4, 8]);
  });
});
