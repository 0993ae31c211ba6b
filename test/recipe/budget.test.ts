import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecateurError } from '../../src/error.ts';
import type { Gives, Sensitivity } from '../../src/methods/sensitivity.ts';
import {
  awaitedMeasure,
  type BudgetRecipe,
  feasibleZeros,
  fixedSparsities,
  makeBudget,
  meanSparsity,
  nearestSparsity,
} from '../../src/recipe/budget.ts';
import { budgetFor, lastMatch, lockedSlots, makeSlots, slotLists } from '../support/slots.ts';

const slots = makeSlots(4);
const recipe = (sparsity: number, fixed: Record<string, number> = {}, min = 0, max = 1): BudgetRecipe => ({
  sparsity,
  allocate: { method: 'uniform', min, max, fixed },
});
const zerosOf = (...args: Parameters<typeof makeBudget>) => makeBudget(...args).map(({ zeros }) => zeros);
const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const cases = slotLists.chain((all) => fc.record({ all: fc.constant(all), budget: budgetFor(all) }));

describe('makeBudget', () => {
  it('says of every slot what set it', () => {
    const budget = makeBudget(recipe(0.5, { '*.q_proj': 0.2, 'model.layers.0.*': 0 }), slots);
    expect(budget[0]).toEqual({ zeros: 0, setBy: 'model.layers.0.*', fixed: true });
    expect(budget[4]).toEqual({ zeros: 80, setBy: '*.q_proj', fixed: true });
    expect(budget[5]).toMatchObject({ setBy: 'uniform', fixed: false });
  });

  it('refuses a glob that matches nothing, even among others', () => {
    expect(() => makeBudget(recipe(0.5, { '*.q_proj': 0.2, '*.nope': 0 }), slots)).toThrow(
      expect.objectContaining({ code: 'BAD_RECIPE', message: expect.stringContaining('*.nope') }),
    );
  });

  it('is exact to one weight, fixed slots are at their sparsity and free ones within the limits, or says that it cannot be', () => {
    fc.assert(
      fc.property(cases, ({ all, budget }) => {
        const { min, max, fixed } = budget.allocate;
        const sizes = all.map((slot) => slot.out * slot.in);
        const total = Math.round(budget.sparsity * add(sizes));
        const { least, most } = feasibleZeros(budget, all);
        const isInRange = total >= least && total <= most;
        if (!isInRange) {
          expect(() => makeBudget(budget, all)).toThrow(expect.objectContaining({ code: 'BUDGET_INFEASIBLE' }));
          return;
        }
        const zeros = zerosOf(budget, all);
        expect(add(zeros)).toBe(total);
        for (const [i, slot] of all.entries()) {
          const glob = lastMatch(Object.keys(fixed), slot.name);
          if (glob !== undefined) expect(zeros[i]).toBe(Math.round(fixed[glob] * sizes[i]));
          else {
            expect(zeros[i]).toBeGreaterThan(min * sizes[i] - 1);
            expect(zeros[i]).toBeLessThan(max * sizes[i] + 1);
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it('takes limits that leave one sparsity, though it falls between two weights', () => {
    const odd = makeSlots(2, { shapeOf: () => [3, 3] });
    expect(add(zerosOf(recipe(0.5, {}, 0.5, 0.5), odd))).toBe(36);
  });

  it('keeps the zeros of the source, and leaves a source that has more than were asked for', () => {
    const source = { [slots[0].name]: 400, [slots[1].name]: 100 };
    const zeros = zerosOf(recipe(0.25), slots, source);
    expect(add(zeros)).toBe(1600);
    expect(zeros[0]).toBe(400);
    expect(zerosOf(recipe(0.05), slots, source)).toEqual([400, 100, ...new Array(14).fill(0)]);
    expect(zerosOf(recipe(0.25, { [slots[0].name]: 0 }), slots, source)[0]).toBe(400);
  });

  it('does not leave a source without zeros below the limits', () => {
    expect(() => makeBudget(recipe(0, {}, 0.1), slots)).toThrow(expect.objectContaining({ code: 'BUDGET_INFEASIBLE' }));
  });

  it('gives every matrix its pattern, but for those left dense', () => {
    const budget = { ...recipe(0.5, { 'model.layers.0.*': 0 }), pattern: { n: 2, m: 4 } };
    expect(zerosOf(budget, slots)).toEqual([...new Array(4).fill(0), ...new Array(12).fill(200)]);
    expect(feasibleZeros(budget, slots)).toEqual({ least: 2400, most: 2400, weights: 6400 });
    expect(makeBudget(budget, slots)[5].setBy).toBe('2:4');
  });

  it('is quick with thousands of slots and names', () => {
    const many = makeSlots(1000, { kinds: Array.from({ length: 10 }, (_, i) => `mlp.w${i}`), shapeOf: (i) => [1000 + (i % 7), 1001] });
    const named = Object.fromEntries(many.slice(0, 9000).map(({ name }) => [name, 0.5]));
    makeBudget(recipe(0.5, named), many);
    const started = performance.now();
    for (let i = 0; i < 10; i++) makeBudget(recipe(0.5, named), many);
    expect((performance.now() - started) / 10).toBeLessThan(1000);
  });
});

describe('makeBudget with a sensitivity', () => {
  const found = (values: readonly number[], gives: Gives = 'value', method = 'fisher'): Sensitivity => ({
    method,
    gives,
    unit: '',
    description: '',
    matrices: slots.map(({ name }, i) => {
      const value = values[i % values.length]!;
      return gives === 'value'
        ? { name, value }
        : {
            name,
            value,
            curve: [
              { sparsity: 0.5, error: value },
              { sparsity: 1, error: 4 * value },
            ],
          };
    }),
  });
  const by = (method: 'mixed' | 'owl' | 'curves' | 'prior', budget: BudgetRecipe): BudgetRecipe => {
    const { min, max, fixed } = budget.allocate;
    const options = { mixed: { spread: 0.1, level: 'matrix' }, owl: { lambda: 0.08 }, curves: {}, prior: { spread: 0.1 } };
    return { ...budget, allocate: { method, ...options[method], min, max, fixed } as BudgetRecipe['allocate'] };
  };

  it('gives the more sensitive matrices fewer zeros, says so, and keeps the total', () => {
    const budget = makeBudget(by('mixed', recipe(0.5)), slots, {}, found([1, 2, 3, 4]));
    expect(budget.slice(0, 4).map(({ zeros }) => zeros)).toEqual([230, 210, 190, 170]);
    expect(budget[0]!.setBy).toBe('mixed');
    expect(meanSparsity(budget, slots)).toBe(0.5);
  });

  it('goes by name, whatever the order and whatever else was measured', () => {
    const sensitivity = found([1, 2, 3, 4]);
    const norms = [
      { name: 'model.layers.0.input_layernorm.weight', value: 1e9 },
      { name: 'model.norm.weight', value: 0 },
    ];
    const more = { ...sensitivity, matrices: [...norms, ...sensitivity.matrices.toReversed()] };
    const budget = by('mixed', recipe(0.5));
    expect(zerosOf(budget, slots, {}, more)).toEqual(zerosOf(budget, slots, {}, sensitivity));
    expect(() => makeBudget(budget, slots, {}, { ...sensitivity, matrices: sensitivity.matrices.slice(1) })).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(slots[0]!.name) }),
    );
  });

  it('T15: is exact to one weight, within the limits and with the fixed slots, for every allocator', () => {
    const methods = fc.constantFrom('mixed' as const, 'owl' as const, 'curves' as const, 'prior' as const);
    const values = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(cases, methods, values, ({ all, budget }, method, drawn) => {
        const matrices = all.map(({ name }, i) => {
          const value = drawn[i % drawn.length]!;
          return {
            name,
            value,
            curve: [
              { sparsity: 0.3, error: value / 9 },
              { sparsity: 0.9, error: value },
            ],
          };
        });
        const gives = method === 'curves' ? 'loss' : 'value';
        const sensitivity = { method, gives, unit: '', description: '', matrices } as const;
        const allocated = by(method, budget);
        const sizes = all.map((slot) => slot.out * slot.in);
        const total = Math.round(budget.sparsity * add(sizes));
        const { least, most } = feasibleZeros(allocated, all);
        if (total < least || total > most) {
          expect(() => makeBudget(allocated, all, {}, sensitivity)).toThrow(expect.objectContaining({ code: 'BUDGET_INFEASIBLE' }));
          return;
        }
        const made = makeBudget(allocated, all, {}, sensitivity);
        const { min, max, fixed } = budget.allocate;
        expect(add(made.map(({ zeros }) => zeros))).toBe(total);
        for (const [i, { zeros, setBy, fixed: isFixed }] of made.entries()) {
          if (isFixed) expect(zeros).toBe(Math.round(fixed[setBy]! * sizes[i]!));
          else {
            expect(zeros).toBeGreaterThan(min * sizes[i]! - 1);
            expect(zeros).toBeLessThan(max * sizes[i]! + 1);
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it('needs a sensitivity that is what the allocator takes, and is uniform without', () => {
    const uniform = new Array<number>(16).fill(200);
    for (const [method, sensitivity] of [
      ['mixed', null],
      ['owl', found([1, 2])],
      ['curves', found([1, 2], 'output error')],
    ] as const) {
      expect(zerosOf(by(method, recipe(0.5)), slots, {}, sensitivity)).toEqual(uniform);
      expect(makeBudget(by(method, recipe(0.5)), slots, {}, sensitivity)[0]!.setBy).toBe('uniform');
      expect(awaitedMeasure({ ...by(method, recipe(0.5)), measure: { method: 'prior' } }, sensitivity)).toBe('prior');
    }
    for (const [method, sensitivity] of [
      ['prior', null],
      ['owl', found([1, 2], 'value', 'owl')],
      ['curves', found([1, 4], 'loss')],
    ] as const) {
      expect(zerosOf(by(method, recipe(0.5)), slots, {}, sensitivity)).not.toEqual(uniform);
      expect(awaitedMeasure({ ...by(method, recipe(0.5)), measure: { method: 'prior' } }, sensitivity)).toBeNull();
    }
  });
});

describe('nearestSparsity', () => {
  it('is the present one where it can be met', () => {
    expect(nearestSparsity(recipe(0.123456, { '*.q_proj': 0 }), slots)).toBe(0.123456);
  });

  it.each([
    [recipe(0.9, { 'model.layers.{0..2}.*': 0.2 }), 0.4],
    [recipe(0.1, { 'model.layers.{0..2}.*': 0.2 }), 0.15],
    [recipe(0.9, {}, 0.1, 0.55), 0.55],
    [recipe(0.9, { '*.q_proj': 0.2 }, 0.1, 0.55), 0.4625],
    [recipe(0.5, { '*': 0.335 }), 0.335],
  ])('is the nearer end of what the fixed slots and the limits allow', (budget, nearest) => {
    expect(nearestSparsity(budget, slots)).toBe(nearest);
    const message = expect.objectContaining({ code: 'BUDGET_INFEASIBLE', hint: expect.stringContaining(`${nearest}.`) });
    expect(() => makeBudget(budget, slots)).toThrow(message);
  });

  it('can be met, in as many digits as that takes', () => {
    fc.assert(
      fc.property(cases, ({ all, budget }) => {
        const sparsity = nearestSparsity(budget, all);
        expect(() => makeBudget({ ...budget, sparsity }, all)).not.toThrow(SecateurError);
      }),
      { numRuns: 80 },
    );
  });
});

describe('fixedSparsities, lockedSlots and meanSparsity', () => {
  const budget = recipe(0.5, { '*.q_proj': 0.25, 'model.layers.0.*': 0 });

  it('tell the fixed slots from the free ones', () => {
    expect(fixedSparsities(budget, slots).slice(0, 6)).toEqual([0, 0, 0, 0, 0.25, undefined]);
    expect([...lockedSlots(budget, slots)]).toEqual([0, 1, 2, 3, 4, 8, 12].map((i) => slots[i].name));
  });

  it('weight the mean by the parameters', () => {
    const two = makeSlots(1, { kinds: ['a.x', 'a.y'], shapeOf: (i) => [10, i === 0 ? 10 : 30] });
    expect(meanSparsity([{ zeros: 100 }, { zeros: 0 }], two)).toBe(0.25);
    expect(meanSparsity([{ zeros: 100 }, { zeros: 0 }], two, [1])).toBe(0);
    expect(meanSparsity(makeBudget(budget, slots), slots)).toBe(0.5);
  });
});
