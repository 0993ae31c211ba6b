/** Predicts what a whole budget does to the model, from the losses of single matrices and the joint trials that a measure made. */

import type { JointTrial, MatrixSensitivity } from './sensitivity.ts';
import { sensitivityAt } from './sensitivity.ts';

/** How often an interval is meant to hold what is measured. */
export const coverage = 0.9;

/** A figure of the whole model as a power of the sum of its single losses: log y = level + slope · (log sum − centre), plain data. */
export interface PowerLaw {
  readonly centre: number;
  readonly level: number;
  readonly slope: number;
  /** What an interval is made of; `null` where too few trials were made for one. */
  readonly spread: Spread | null;
}

interface Spread {
  readonly trials: number;
  /** Standard deviation of log y about the line. */
  readonly deviation: number;
  /** Σ (log sum − centre)² of the trials; 0 where the slope was not learned. */
  readonly squares: number;
  /** Times `deviation`, for the coverage. */
  readonly quantile: number;
}

/** What joint trials teach, plain data. */
export interface PredictionFit {
  readonly kl: PowerLaw;
  readonly nll: PowerLaw;
}

export interface Estimate {
  readonly value: number;
  /**
   * Holds `coverage` of prunings like the joint trials, on their own text; `null` where nothing was learned of it. It knows nothing of other
   * texts, nor of budgets that were chosen by the very curves.
   */
  readonly interval: readonly [low: number, high: number] | null;
}

export interface Prediction {
  /** What the single losses add up to, nats a token. */
  readonly sum: number;
  /** KL divergence from the dense model's predictions, mean nats a token. */
  readonly kl: Estimate;
  /** Mean negative log likelihood minus the dense model's, nats a token: perplexity is the dense one times its exponential. */
  readonly nll: Estimate;
}

/** A slope is learned from so many trials on; before that, single losses are taken to add up but for one factor. */
const fewest = 4;

/**
 * Learns how sums of single losses become losses of the whole, as power laws in log-log least squares.
 *
 * The figure that no trial taught is the sum itself: single losses are then taken to add up, and the likelihood of a text to fall by as
 * much as the divergence, as it does for a text that the dense model might have written.
 */
export function fitPrediction(joint: readonly JointTrial[] = []): PredictionFit {
  return { kl: fitPower(joint, ({ kl }) => kl), nll: fitPower(joint, ({ nll }) => nll) };
}

/**
 * @param sensitivities  of a measure that gives losses
 * @param sparsities     one a matrix, in the same order
 */
export function predict(
  fit: PredictionFit,
  sensitivities: readonly Pick<MatrixSensitivity, 'value' | 'curve'>[],
  sparsities: ArrayLike<number>,
): Prediction {
  let sum = 0;
  for (let i = 0; i < sensitivities.length; i++) sum += sensitivityAt(sensitivities[i], sparsities[i]);
  return predictSum(fit, sum);
}

/** The same, where the single losses are added up already. */
export function predictSum({ kl, nll }: PredictionFit, sum: number): Prediction {
  return { sum, kl: estimate(kl, sum), nll: estimate(nll, sum) };
}

/** Trials in which nothing was lost say nothing of a power. */
function fitPower(joint: readonly JointTrial[], of: (trial: JointTrial) => number): PowerLaw {
  const told = joint.filter((trial) => trial.predicted > 0 && of(trial) > 0);
  const n = told.length;
  if (n === 0) return { centre: 0, level: 0, slope: 1, spread: null };
  const x = told.map(({ predicted }) => Math.log(predicted));
  const y = told.map((trial) => Math.log(of(trial)));
  const [centre, level] = [mean(x), mean(y)];
  const squares = x.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const learned = n >= fewest && squares > 0 ? x.reduce((sum, value, i) => sum + (value - centre) * (y[i] - level), 0) / squares : 0;
  // More loss in the parts is never less in the whole: where trials seem to say so, they are too few or too much alike to tell.
  const isLearned = learned > 0;
  const slope = isLearned ? learned : 1;
  const law = { centre, level, slope };
  if (n < fewest) return { ...law, spread: null };
  const variance = mean(
    x.map((value, i) => {
      const leverage = 1 / n + (isLearned ? (value - centre) ** 2 / squares : 0);
      const leftOut = (y[i] - level - slope * (value - centre)) / (1 - leverage);
      return leftOut ** 2 * (1 - leverage);
    }),
  );
  const quantile = studentQuantile(n - (isLearned ? 2 : 1));
  return { ...law, spread: { trials: n, deviation: Math.sqrt(variance), squares: isLearned ? squares : 0, quantile } };
}

function estimate({ centre, level, slope, spread }: PowerLaw, sum: number): Estimate {
  if (sum <= 0) return { value: 0, interval: spread && [0, 0] };
  const distance = Math.log(sum) - centre;
  const middle = level + slope * distance;
  if (!spread) return { value: Math.exp(middle), interval: null };
  const doubt = 1 + 1 / spread.trials + (spread.squares > 0 ? distance ** 2 / spread.squares : 0);
  const half = spread.quantile * spread.deviation * Math.sqrt(doubt);
  return { value: Math.exp(middle), interval: [Math.exp(middle - half), Math.exp(middle + half)] };
}

/**
 * The 95th percentile of Student's t, so that 90 % lie between it and its negative; within 1.5 % from 2 degrees of freedom on.
 *
 * @see  Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", 26.7.5
 */
function studentQuantile(freedom: number): number {
  const z = 1.6448536269514722;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, i) => sum + term / freedom ** (i + 1), z);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
