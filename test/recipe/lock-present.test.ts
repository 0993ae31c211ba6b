import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BudgetRecipe, makeBudget } from '../../src/recipe/budget.ts';
import { lockAtPresent } from '../../src/recipe/lock-present.ts';
import type { Lock } from '../../src/recipe/locks.ts';
import { makeSlots } from '../support/slots.ts';

const recipe = (sparsity: number, locks: readonly Lock[] = [], max = 1): BudgetRecipe => ({
  sparsity,
  allocate: { method: 'uniform', min: 0, max, fixed: Object.fromEntries(locks) },
});
const zerosOf = (...args: Parameters<typeof makeBudget>) => makeBudget(...args).map(({ zeros }) => zeros);
const large = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 })), { minLength: 1, maxLength: 5 });

describe('lockAtPresent', () => {
  it('keeps every zero of matrices of any size where all of them are locked', () => {
    fc.assert(
      fc.property(large, fc.double({ min: 0, max: 0.98, noNaN: true }), (shapes, sparsity) => {
        const slots = makeSlots(6, { shapeOf: (i) => shapes[i % shapes.length] });
        fc.pre(zerosOf(recipe(sparsity), slots).every((zeros, i) => zeros <= 0.99 * slots[i].out * slots[i].in));
        const locks = lockAtPresent(
          recipe(sparsity),
          [],
          slots,
          slots.map((_, i) => i),
          null,
        );
        expect(zerosOf(recipe(sparsity, locks), slots)).toEqual(zerosOf(recipe(sparsity), slots));
      }),
      { numRuns: 100 },
    );
  });

  it('writes four digits where what stays free can make up for them, and more where it cannot', () => {
    const slots = makeSlots(4, { shapeOf: () => [1000, 1000] });
    const fixed: Lock[] = [['model.layers.0.*', 0.3]];
    const present = (indices: number[]) => lockAtPresent(recipe(0.5, fixed), fixed, slots, indices, null);
    expect(present([4, 5, 6, 7])).toEqual([...fixed, ['model.layers.1.*', 0.5667]]);
    const rest = Array.from({ length: 12 }, (_, i) => i + 4);
    const exact = present(rest).slice(1);
    expect(new Set(exact.map(([, sparsity]) => sparsity))).toEqual(new Set([0.566666, 0.566667]));
  });

  it('refuses what is more than can be fixed', () => {
    const slots = makeSlots(2);
    expect(() => lockAtPresent(recipe(0.99, [['model.layers.0.*', 0.9801]]), [['model.layers.0.*', 0.9801]], slots, [4], null)).toThrow(
      expect.objectContaining({ code: 'BUDGET_INFEASIBLE', message: expect.stringContaining('0.99') }),
    );
  });
});
