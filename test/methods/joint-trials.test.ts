import { describe, expect, it } from 'vitest';
import { budgetsWith, drawBudgets, jointTrial, spanOf } from '../../src/methods/joint-trials.ts';

const slots = Array.from({ length: 210 }, (_, i) => ({
  name: `w${i}`,
  block: Math.floor(i / 7),
  kind: `kind ${i % 7}`,
  out: 8,
  in: 8,
}));
const sparsities = [0.4, 0.6, 0.8];
const budgets = drawBudgets(slots, sparsities, 24, 5);
const sparsityOf = (level: number) => (level < 0 ? 0 : sparsities[level]);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('budgets of joint trials', () => {
  it('have mean sparsities from 0.3 to 0.7, evenly but for chance', () => {
    const means = budgets.map((budget) => mean(budget.map(sparsityOf)));
    for (const [i, own] of means.entries()) expect(Math.abs(own - (0.3 + (0.4 * (i + 0.5)) / 24))).toBeLessThan(i % 2 === 0 ? 0.06 : 0.2);
    expect(Math.min(...means)).toBeLessThan(0.4);
    expect(Math.max(...means)).toBeGreaterThan(0.6);
  });

  it('lean on kinds every other time', () => {
    const spread = budgets.map((budget) => {
      const kinds = [0, 1, 2, 3, 4, 5, 6].map((kind) => mean(budget.filter((_, slot) => slot % 7 === kind).map(sparsityOf)));
      return Math.max(...kinds) - Math.min(...kinds);
    });
    const [even, leaning] = [0, 1].map((parity) => mean(spread.filter((_, i) => i % 2 === parity)));
    expect(leaning).toBeGreaterThan(1.5 * even);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(drawBudgets(slots, sparsities, 24, 5)).toEqual(budgets);
    expect(drawBudgets(slots, sparsities, 24, 6)).not.toEqual(budgets);
  });

  it('span the blocks in which they prune anything', () => {
    const budget = slots.map((_, slot) => (slot === 16 || slot === 100 ? 1 : -1));
    expect(spanOf(slots, (slot) => budget[slot] >= 0)).toEqual([2, 14]);
    expect(spanOf(slots, () => false)).toEqual([0, 0]);
    expect(budgetsWith([budget, budget.map(() => 1)], 16, 1)).toEqual([0, 1]);
    expect(budgetsWith([budget, budget.map(() => 1)], 17, 1)).toEqual([1]);
  });

  it('are told with what the curves of their matrices add up to', () => {
    const curve = (scale: number) => [0.2, 0.4, 0.6, 0.8].map((sparsity) => ({ sparsity, error: scale * sparsity ** 2 }));
    const trial = jointTrial([0, -1, 2], sparsities, [curve(1), curve(10), curve(100)], { kl: 3, nll: 2 });
    expect(trial).toEqual({ predicted: expect.closeTo(0.16 + 64, 10), kl: 3, nll: 2 });
  });
});
