/** What the measure would have said of a run before it: the predicted figures that a report sets beside the measured ones. */

import { type Estimate, fitPrediction, type Prediction, type PredictionFit, predict } from '../methods/predict.ts';
import type { Sensitivity } from '../methods/sensitivity.ts';
import type { MatrixReport, Perplexity, Report } from '../protocol/report.ts';

/**
 * @param budgets  the matrices of the run, and of its control where there is one, as they were written
 * @param before   of the dense model; without it, no perplexity is predicted
 * @returns        `undefined` where what was measured cannot be added up
 */
export function predictRun(
  sensitivity: Sensitivity | null,
  budgets: { readonly own: readonly MatrixReport[]; readonly control: readonly MatrixReport[] | undefined },
  before: Perplexity | undefined,
): Report['prediction'] {
  if (sensitivity?.gives !== 'loss') return undefined;
  const { joint = [], matrices } = sensitivity;
  const fit = fitPrediction(joint);
  const predictOf = (written: readonly MatrixReport[]) => figures(predictWritten(fit, matrices, written), before);
  return {
    trials: joint.length,
    ...predictOf(budgets.own),
    ...(budgets.control && { control: predictOf(budgets.control) }),
  };
}

function predictWritten(fit: PredictionFit, measured: Sensitivity['matrices'], written: readonly MatrixReport[]): Prediction {
  const sparsities = new Map(written.map(({ name, sparsity }) => [name, sparsity]));
  return predict(
    fit,
    measured,
    measured.map(({ name }) => sparsities.get(name)!),
  );
}

function figures({ kl, nll }: Prediction, before: Perplexity | undefined) {
  return { kl: plain(kl), perplexity: before ? plain(nll, (value) => before.perplexity * Math.exp(value)) : null };
}

/** An interval without an end is none that a file could hold, or a person use; nor is infinity a figure of a file. */
function plain({ value, interval }: Estimate, map: (value: number) => number = (x) => x) {
  const ends = interval && ([map(interval[0]), map(interval[1])] as const);
  return { value: Math.min(map(value), Number.MAX_VALUE), interval: ends?.every(Number.isFinite) ? ends : null };
}
