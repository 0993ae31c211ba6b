/** What a report says of its allocation, as tables of text: beside the uniform control, and as it was predicted. */

import { coverage } from '../methods/predict.ts';
import { pairedSentence, pairNll } from './comparison.ts';
import { formatCount } from './quantity.ts';
import type { MatrixReport, PredictedFigures, Report } from './report.ts';

export interface FigureTable {
  readonly title: string;
  /** What the figures are, in a sentence. */
  readonly meaning: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What follows from them. */
  readonly conclusion?: string;
}

/** No text in them comes from a file. */
export function allocationTables(report: Report): FigureTable[] {
  return [controlTable(report), predictionTable(report)].filter((table) => table !== null);
}

function controlTable({ control, perplexity, sparsity, matrices }: Report): FigureTable | null {
  if (!control || !perplexity) return null;
  const paired = pairNll(control.perplexity, perplexity.after);
  return {
    title: 'Uniform control',
    meaning: 'The same checkpoint with as many zeros shared out uniformly, all else the same, on the same windows.',
    head: ['', 'result', 'uniform control'],
    rows: [
      ['perplexity', perplexity.after.perplexity.toFixed(3), control.perplexity.perplexity.toFixed(3)],
      ['zeros', formatCount(sparsity.zeros), formatCount(control.zeros)],
      [
        'mean error of a matrix',
        ...[meanOf(matrices, (matrix) => matrix.relativeError), meanOf(matrices, (matrix) => matrix.control?.relativeError)],
      ],
    ],
    ...(paired && { conclusion: `Result minus control: ${pairedSentence(paired, perplexity.after.windows)}.` }),
  };
}

/** Over the matrices that have the figure. */
function meanOf(matrices: readonly MatrixReport[], of: (matrix: MatrixReport) => number | undefined): string {
  const known = matrices.map(of).filter((figure) => figure !== undefined);
  return (known.reduce((sum, figure) => sum + figure, 0) / Math.max(1, known.length)).toPrecision(3);
}

function predictionTable({ prediction, perplexity, control }: Report): FigureTable | null {
  if (!prediction) return null;
  return {
    title: 'Prediction',
    meaning: predictionMeaning(prediction.trials),
    head: ['', 'predicted KL, nats per token', 'predicted perplexity', `${100 * coverage} % interval`, 'measured perplexity'],
    rows: [
      predictionRow('result', prediction, perplexity?.after.perplexity),
      ...(prediction.control ? [predictionRow('uniform control', prediction.control, control?.perplexity.perplexity)] : []),
    ],
  };
}

function predictionMeaning(nTrials: number): string {
  const from = 'What the losses of single matrices, each pruned by itself, say of all of them together';
  if (nTrials === 0) return `${from}: they are added up, since the measure tried no pruning of the whole.`;
  return `${from}, learned from ${nTrials} ${nTrials === 1 ? 'pruning' : 'prunings'} of the whole that the measure tried.`;
}

function predictionRow(name: string, { kl, perplexity }: PredictedFigures, measured: number | undefined): string[] {
  return [
    name,
    kl.value.toPrecision(3),
    perplexity?.value.toFixed(3) ?? 'not predicted',
    perplexity?.interval ? perplexity.interval.map((end) => end.toFixed(3)).join(' to ') : 'none',
    measured?.toFixed(3) ?? 'not measured',
  ];
}
