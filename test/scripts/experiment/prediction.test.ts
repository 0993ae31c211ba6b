import { describe, expect, it } from 'vitest';
import { randomBudget } from '../../../scripts/experiment/budgets.ts';
import { judge, predictionPage } from '../../../scripts/experiment/prediction.ts';
import type { PredictedRecord, Results } from '../../../scripts/experiment/records.ts';

const slots = Array.from({ length: 42 }, (_, i) => ({
  name: `${i}`,
  block: Math.floor(i / 7),
  kind: `kind ${i % 7}`,
  out: 100,
  in: i % 7 < 4 ? 50 : 200,
}));

describe('random budgets', () => {
  it('are the same for the same index, other for another, and of 40 to 60 % in all', () => {
    expect(randomBudget(slots, 3)).toEqual(randomBudget(slots, 3));
    expect(randomBudget(slots, 3)).not.toEqual(randomBudget(slots, 4));
    const weights = slots.reduce((sum, slot) => sum + slot.out * slot.in, 0);
    const shares = Array.from({ length: 40 }, (_, index) => randomBudget(slots, index).reduce((sum, zeros) => sum + zeros, 0) / weights);
    expect(Math.min(...shares)).toBeGreaterThan(0.395);
    expect(Math.max(...shares)).toBeLessThan(0.605);
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.1);
  });

  it('leave every matrix between 2 and 98 %, in whole weights', () => {
    for (let index = 0; index < 40; index++)
      for (const [i, zeros] of randomBudget(slots, index).entries()) {
        const share = zeros / (slots[i].out * slots[i].in);
        expect(Number.isInteger(zeros)).toBe(true);
        expect(share).toBeGreaterThanOrEqual(0.02);
        expect(share).toBeLessThanOrEqual(0.98);
      }
  });
});

function record(index: number, predicted: number, measured: number, interval: readonly [number, number] | null): PredictedRecord {
  const [low, high] = interval ?? [null, null];
  return {
    type: 'predicted',
    id: `budget-${index}`,
    secateur: '0',
    commit: 'x',
    date: 'x',
    environment: {},
    sparsity: 0.4 + index / 100,
    zeros: 1,
    perplexity: measured,
    nll: Math.log(measured),
    windowNll: [Math.log(measured)],
    prediction: { perplexity: predicted, low, high },
    seconds: {},
  };
}

describe('the verdict on predictions', () => {
  const records = [record(0, 30, 30, [29, 31]), record(1, 40, 50, [35, 45]), record(2, 60, 55, [50, 70]), record(3, 80, 90, null)];

  it('is the rank correlation, the middle error of log perplexity, and how many the intervals hold', () => {
    const { spearman, medianError, held, withInterval } = judge(records);
    expect(spearman).toBe(1);
    const errors = [0, Math.log(50 / 40) / Math.log(50), Math.log(60 / 55) / Math.log(55), Math.log(90 / 80) / Math.log(90)];
    expect(medianError).toBeCloseTo((errors[2] + errors[3]) / 2, 12);
    expect({ held, withInterval }).toEqual({ held: 2, withInterval: 3 });
  });

  it('makes a page with every budget and a picture', () => {
    const results = {
      setup: { model: 'a_model', evaluation: { windows: 8, length: 64, text: 'text.txt' } },
      dense: { perplexity: 20 },
      predicted: new Map(records.map((each) => [each.id, each])),
    } as unknown as Results;
    const { markdown, pictures } = predictionPage(results, 'prediction-x');
    expect(markdown).toContain('# Predicted and measured perplexity on `a_model`');
    expect(markdown).toContain('| budget-1 | 41.00 % | 40.00 | 35.00 … 45.00 | 50.00 |');
    expect(markdown).toContain('| budget-3 | 43.00 % | 80.00 |  | 90.00 |');
    expect(pictures.get('prediction.svg')).toContain('>equal</text>');
  });
});
