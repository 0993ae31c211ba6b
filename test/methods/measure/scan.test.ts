import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorAt } from '../../../src/methods/error-curve.ts';
import type { Lab } from '../../../src/methods/lab.ts';
import { errorCurve } from '../../../src/methods/measure/error-curve.ts';
import { fisherError } from '../../../src/methods/measure/fisher-error.ts';
import { scan } from '../../../src/methods/measure/scan.ts';
import { traceError } from '../../../src/methods/measure/trace-error.ts';
import type { Findings } from '../../../src/methods/measure.ts';
import { fitPrediction, predictSum } from '../../../src/methods/predict.ts';
import type { JointTrial, Measured } from '../../../src/methods/sensitivity.ts';
import { sampleLab, sampleWindows } from '../../support/labs.ts';

const options = v.parse(scan.options, { windows: 4, length: 64, joint: 24 });

let lab: Lab;
let found: Findings;
const heard = new Map<number, Measured>();
const shares: number[] = [];

beforeAll(async () => {
  const windows = await sampleWindows({ samples: 16, length: 64 });
  lab = await sampleLab(windows, {
    onFound(values) {
      for (const [slot, value] of values) heard.set(slot, value);
    },
    onProgress: ({ done, total }) => shares.push(done / total),
  });
  found = await scan.measureModel(lab, options);
}, 120_000);

const curves = () => found.measured.map((measured) => ('curve' in measured ? measured.curve : []));
const joint = (): readonly JointTrial[] => found.joint ?? [];

describe('scan on the sample checkpoint', () => {
  it('finds a curve of every matrix that rises with sparsity for nearly every pair of levels', () => {
    expect(curves()).toHaveLength(42);
    const pairs = curves().flatMap((curve) => [
      [errorAt(curve, 0.4), errorAt(curve, 0.6)],
      [errorAt(curve, 0.6), errorAt(curve, 0.8)],
    ]);
    expect(pairs.filter(([low, high]) => high! > low!).length / pairs.length).toBeGreaterThan(0.95);
    for (const curve of curves()) expect(curve[0]!.error).toBeLessThan(errorAt(curve, 0.4) / 8);
  });

  it('tells every curve while it goes on, the same as in the end, and how far it is', () => {
    expect(heard.size).toBe(42);
    for (const [slot, value] of heard) expect(value).toEqual(found.measured[slot]);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeGreaterThan(0.98);
  });

  it('adds up: the single losses are within a factor of two of the joint one at moderate sparsity', () => {
    const moderate = joint().filter(({ kl }) => kl < 0.5);
    const ratios = moderate.map(({ predicted, kl }) => predicted / kl);
    console.log(`sum of single losses / joint loss: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`);
    expect(moderate.length).toBeGreaterThan(5);
    for (const ratio of ratios) {
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    }
  });

  it('lets joint trials be predicted that were left out, about as often as the interval says', () => {
    const held = joint().map((trial, i) => ({ trial, fit: fitPrediction(joint().filter((_, other) => other !== i)) }));
    const hits = held.filter(({ trial, fit }) => {
      const [low, high] = predictSum(fit, trial.predicted).kl.interval!;
      return trial.kl >= low && trial.kl <= high;
    });
    expect(hits.length / held.length).toBeGreaterThan(0.75);
    const errors = held.map(({ trial, fit }) => Math.abs(Math.log(predictSum(fit, trial.predicted).kl.value / trial.kl)));
    expect(errors.toSorted((a, b) => a - b)[errors.length >> 1]).toBeLessThan(0.15);
  });

  it('ranks the matrices about as the predicted losses do, and those better than output errors', async () => {
    const byFisher = await fisherError.measureModel(lab, v.parse(fisherError.options, {}));
    const byTrace = await traceError.measureModel(lab, v.parse(traceError.options, {}));
    const byOutput: Measured[] = [];
    await lab.eachBlock(['gram'], async (input) => {
      byOutput.push(...(await errorCurve.measureBlock(input, {})));
    });
    const rank = ({ measured }: Findings) => [0.4, 0.6, 0.8].map((sparsity) => rankCorrelation(measured, found.measured, sparsity));
    const [fisher, trace, output] = [rank(byFisher), rank(byTrace), rank({ measured: byOutput })];
    console.log(`rank correlation with the scan at 0.4, 0.6, 0.8: fisher-error ${fisher}, trace-error ${trace}, error-curve ${output}`);
    for (const [i, value] of fisher.entries()) {
      expect(value).toBeGreaterThan(0.9);
      expect(trace[i]).toBeGreaterThan(0.85);
      expect(output[i]).toBeLessThan(trace[i]);
    }
  });
});

/** Spearman's, of curves at a sparsity. */
function rankCorrelation(a: readonly Measured[], b: readonly Measured[], sparsity: number): number {
  const ranks = (measured: readonly Measured[]) => {
    const values = measured.map((own) => ('curve' in own ? errorAt(own.curve, sparsity) : Number.NaN));
    return values.map((value) => values.filter((other) => other < value).length);
  };
  const [ra, rb] = [ranks(a), ranks(b)];
  const n = a.length;
  return 1 - (6 * ra.reduce((sum, rank, i) => sum + (rank - rb[i]) ** 2, 0)) / (n * (n * n - 1));
}
