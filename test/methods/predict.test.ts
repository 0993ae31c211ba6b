import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverage, fitPrediction, predict, predictSum } from '../../src/methods/predict.ts';
import type { JointTrial } from '../../src/methods/sensitivity.ts';
import { createRandom } from '../../src/tensor/random.ts';

/** KL = 1.3 · sum^0.9 and a likelihood of 0.8 of it, both off by a factor of about `noise`. */
function trials(n: number, noise: number, seed = 1): JointTrial[] {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => {
    const predicted = 0.05 * 40 ** random.uniform();
    const kl = 1.3 * predicted ** 0.9 * Math.exp(noise * random.gaussian());
    return { predicted, kl, nll: 0.8 * kl };
  });
}

const curve = [
  { sparsity: 0.25, error: 0.1 },
  { sparsity: 0.5, error: 0.4 },
  { sparsity: 0.75, error: 1 },
];

describe('a prediction', () => {
  it('that learned nothing is the sum itself, without an interval', () => {
    expect(predict(fitPrediction(), [{ value: 0, curve }, { value: 0.2 }], [0.5, 0.9])).toEqual({
      sum: expect.closeTo(0.6, 12),
      kl: { value: expect.closeTo(0.6, 12), interval: null },
      nll: { value: expect.closeTo(0.6, 12), interval: null },
    });
  });

  it('learns a factor from one, two or three trials, and has no interval yet', () => {
    for (const n of [1, 2, 3]) {
      const fit = fitPrediction([0.5, 1, 2].slice(0, n).map((predicted) => ({ predicted, kl: 3 * predicted, nll: 2 * predicted })));
      const { kl, nll } = predictSum(fit, 0.7);
      expect(kl).toEqual({ value: expect.closeTo(2.1, 12), interval: null });
      expect(nll).toEqual({ value: expect.closeTo(1.4, 12), interval: null });
    }
  });

  it('finds the power law that trials follow exactly, with an interval of no width', () => {
    const { kl, nll } = predictSum(fitPrediction(trials(12, 0)), 0.4);
    expect(kl.value).toBeCloseTo(1.3 * 0.4 ** 0.9, 12);
    expect(nll.value).toBeCloseTo(0.8 * 1.3 * 0.4 ** 0.9, 12);
    expect(kl.interval![1] - kl.interval![0]).toBeLessThan(1e-10);
  });

  it('rises with the sum, and so does its interval, whatever the trials were', () => {
    const trial = fc.record({ predicted: fc.double({ min: 0, max: 10, noNaN: true }), kl: fc.double({ min: 0, max: 10, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(trial, { maxLength: 12 }), fc.double({ min: 1e-3, max: 5, noNaN: true }), (made, sum) => {
        const fit = fitPrediction(made.map(({ predicted, kl }) => ({ predicted, kl, nll: kl - 1 })));
        for (const [low, high] of [
          [predictSum(fit, sum).kl, predictSum(fit, 1.5 * sum).kl],
          [predictSum(fit, sum).nll, predictSum(fit, 1.5 * sum).nll],
        ]) {
          expect(high.value).toBeGreaterThanOrEqual(low.value);
          if (low.interval) expect(low.interval[0] <= low.value && low.value <= low.interval[1]).toBe(true);
        }
      }),
    );
  });

  it('is nothing where nothing is lost', () => {
    expect(predictSum(fitPrediction(trials(12, 0.1)), 0).kl).toEqual({ value: 0, interval: [0, 0] });
  });

  it.each([5, 8, 24])('has an interval that holds new trials as often as it says, learned from %i', (n) => {
    let hits = 0;
    const repeats = 1500;
    for (let seed = 0; seed < repeats; seed++) {
      const [next, ...learned] = trials(n + 1, 0.2, 1000 + seed);
      const [low, high] = predictSum(fitPrediction(learned), next.predicted).kl.interval!;
      if (next.kl >= low && next.kl <= high) hits++;
    }
    expect(Math.abs(hits / repeats - coverage)).toBeLessThan(0.03);
  });

  it('has, of trials of one sum, the interval that Student’s t gives a further one', () => {
    const joint = [-0.1, 0.1, -0.1, 0.1].map((error) => ({ predicted: 1, kl: Math.exp(error), nll: 1 }));
    const { value, interval } = predictSum(fitPrediction(joint), 1).kl;
    expect(value).toBeCloseTo(1, 12);
    // 3 degrees of freedom; the sample variance is 4/3 of the mean square.
    const half = 2.3534 * Math.sqrt((0.01 * 4) / 3) * Math.sqrt(1 + 1 / 4);
    for (const end of interval!) expect(Math.abs(Math.log(end)) / half).toBeCloseTo(1, 1.5);
  });

  it('is wider beyond what was tried', () => {
    const fit = fitPrediction(trials(8, 0.2));
    const width = (sum: number) => {
      const [low, high] = predictSum(fit, sum).kl.interval!;
      return Math.log(high / low);
    };
    expect(width(50)).toBeGreaterThan(1.2 * width(0.5));
  });
});
