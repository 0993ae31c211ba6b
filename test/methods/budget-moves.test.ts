import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOffspring, stepOf } from '../../src/methods/budget-moves.ts';
import { createRandom } from '../../src/tensor/random.ts';

const slot = (size: number, i: number) => ({ name: `w${i}`, block: i, kind: 'w', out: 1, in: size });
const sum = (zeros: readonly number[]) => zeros.reduce((total, count) => total + count, 0);

const budgets = fc
  .array(fc.record({ size: fc.integer({ min: 20, max: 5000 }), share: fc.double({ min: 0, max: 0.99, noNaN: true }) }), {
    minLength: 2,
    maxLength: 12,
  })
  .map((parts) => ({
    slots: parts.map(({ size }, i) => slot(size, i)),
    parent: parts.map(({ size, share }) => Math.floor(size * share)),
  }));

describe('the offspring of a budget', () => {
  it('have its total, keep within their matrices, and differ from it and from each other', () => {
    fc.assert(
      fc.property(budgets, fc.nat(1000), ({ slots, parent }, seed) => {
        const offspring = makeOffspring(parent, slots, 8, createRandom(seed));
        expect(new Set([parent, ...offspring].map((zeros) => zeros.join())).size).toBe(offspring.length + 1);
        for (const zeros of offspring) {
          expect(sum(zeros)).toBe(sum(parent));
          expect(zeros.every((count, i) => count >= 0 && count <= slots[i]!.in)).toBe(true);
        }
      }),
    );
  });

  it('move whole steps of the smallest matrix, and more at once only between matrices that are large enough', () => {
    const slots = [100, 1000, 1000].map(slot);
    expect(stepOf(slots)).toBe(10);
    const offspring = makeOffspring([50, 500, 500], slots, 200, createRandom(1));
    const moved = offspring.flatMap((zeros) => zeros.map((count, i) => [i, Math.abs(count - [50, 500, 500][i]!)] as const));
    expect(moved.every(([, amount]) => amount % 10 === 0)).toBe(true);
    expect(Math.max(...moved.flatMap(([i, amount]) => (i === 0 ? [amount] : [])))).toBeLessThanOrEqual(30);
    expect(Math.max(...moved.flatMap(([i, amount]) => (i > 0 ? [amount] : [])))).toBeGreaterThanOrEqual(80);
  });

  it('are the same for the same seed', () => {
    const slots = [100, 300, 200].map(slot);
    const draw = (seed: number) => makeOffspring([50, 150, 100], slots, 8, createRandom(seed));
    expect(draw(4)).toEqual(draw(4));
    expect(draw(4)).not.toEqual(draw(5));
    expect(draw(4)).toHaveLength(8);
  });

  it('are none where nothing can be moved', () => {
    expect(makeOffspring([0, 0], [100, 100].map(slot), 8, createRandom(0))).toEqual([]);
    expect(makeOffspring([50], [slot(100, 0)], 8, createRandom(0))).toEqual([]);
  });
});
