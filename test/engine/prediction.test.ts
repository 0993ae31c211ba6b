import { describe, expect, it } from 'vitest';
import { predictRun } from '../../src/engine/prediction.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import { matrixReport, perplexityOf } from '../support/reports.ts';

const written = [0.4, 0.6].map((sparsity, block) => matrixReport({ block, sparsity }));
const uniform = [0.5, 0.5].map((sparsity, block) => matrixReport({ block, sparsity }));
/** The loss of block 0 is its sparsity, that of block 1 twice that; in the other order than the report has them. */
const sensitivity: Sensitivity = {
  method: 'scan',
  gives: 'loss',
  unit: 'nats a token',
  description: '',
  matrices: [1, 0].map((block) => ({ name: written[block].name, value: 0, curve: [{ sparsity: 1, error: 1 + block }] })),
};
const before = perplexityOf([2]);
const budgets = { own: written, control: undefined };

describe('a prediction', () => {
  it('adds up the losses at the written sparsities, and makes a perplexity of them', () => {
    const predicted = predictRun(sensitivity, { own: written, control: uniform }, before)!;
    expect(predicted.trials).toBe(0);
    expect(predicted.kl).toEqual({ value: expect.closeTo(0.4 + 2 * 0.6, 12), interval: null });
    expect(predicted.perplexity!.value).toBeCloseTo(Math.exp(2 + 1.6), 9);
    expect(predicted.control!.kl.value).toBeCloseTo(0.5 + 2 * 0.5, 12);
  });

  it('has an interval around it where the measure tried the whole', () => {
    const joint = [0.5, 1, 1.5, 2, 2.5].map((sum, i) => ({
      predicted: sum,
      kl: 2 * sum * (i % 2 ? 1.05 : 0.95),
      nll: sum * (i % 2 ? 1.05 : 0.95),
    }));
    const { trials, perplexity, kl } = predictRun({ ...sensitivity, joint }, budgets, before)!;
    expect(trials).toBe(5);
    expect(kl.value).toBeCloseTo(3.2, 0);
    const [low, high] = perplexity!.interval!;
    expect(low).toBeLessThan(perplexity!.value);
    expect(high).toBeGreaterThan(perplexity!.value);
    expect(Math.log(perplexity!.value) - 2).toBeCloseTo(1.6, 0);
  });

  it('has no interval where that has no end', () => {
    const joint = [0.1, 0.2, 0.4, 0.8].map((predicted, i) => ({ predicted, kl: i % 2 ? 1e-200 : 1e200, nll: 1 }));
    expect(predictRun({ ...sensitivity, joint }, budgets, before)!.kl.interval).toBeNull();
  });

  it('has no perplexity where the dense model was not evaluated, and is none of what cannot be added up', () => {
    expect(predictRun(sensitivity, budgets, undefined)!.perplexity).toBeNull();
    expect(predictRun({ ...sensitivity, gives: 'output error' }, budgets, before)).toBeUndefined();
    expect(predictRun(null, budgets, before)).toBeUndefined();
  });
});
