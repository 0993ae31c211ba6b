/** The prediction experiment: random budgets, the perplexity that the curves predict of each, and the one that is measured. */

import { slotsOf } from '../../src/engine/plan.ts';
import { fitPrediction, predict } from '../../src/methods/predict.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import { code, table } from '../../src/protocol/markdown.ts';
import { formatCount, formatShare } from '../../src/protocol/quantity.ts';
import { randomBudget } from './budgets.ts';
import { type Chart, renderChart } from './chart.ts';
import { yaml } from './grid.ts';
import { type Laboratory, measureTimed, openLaboratory, resolve, runAndEvaluate } from './laboratory.ts';
import type { Options } from './options.ts';
import type { Page } from './page.ts';
import { appendEntry, kept, type PredictedRecord, type Results } from './records.ts';
import { median, spearman } from './statistics.ts';

const solve = { method: 'obs', score: { method: 'obs' }, finish: { method: 'least-squares' } };

/** @param say  a line for whoever follows */
export async function runPrediction(options: Options, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  const lab = await openLaboratory(options, signal, say);
  const deadline = performance.now() + 60_000 * options.minutes;
  const { model, calibration, to } = await lab.places(options.seeds[0]);
  const common = { model, calibrate: { text: calibration, ...lab.drawn, seed: options.seeds[0] }, solve, save: { to, overwrite: true } };
  const sensitivity = await measureTimed(
    lab,
    resolve(yaml({ ...common, sparsity: 0.5, measure: { method: 'scan' }, allocate: { method: 'curves' } })),
  );
  const done = lab.results().predicted;
  for (let index = 0; index < options.budgets; index++) {
    if (performance.now() > deadline) return say(`Budgets from ${index} on are left for another time.`);
    if (done.has(budgetId(index))) continue;
    const { perplexity, prediction } = await tryBudget(lab, common, sensitivity, index);
    say(`${budgetId(index)}: predicted ${prediction.perplexity.toFixed(2)}, measured ${perplexity.toFixed(2)}`);
  }
}

async function tryBudget(
  lab: Laboratory,
  common: Readonly<Record<string, unknown>>,
  sensitivity: Sensitivity,
  index: number,
): Promise<PredictedRecord> {
  const slots = slotsOf(lab.source);
  const budget = randomBudget(slots, index);
  const shares = budget.map((zeros, i) => zeros / (slots[i].out * slots[i].in));
  const zeros = budget.reduce((sum, value) => sum + value, 0);
  const sparsity = zeros / slots.reduce((sum, slot) => sum + slot.out * slot.in, 0);
  const fixed = Object.fromEntries(slots.map(({ name }, i) => [name, shares[i]]));
  const { report, perplexity, seconds } = await runAndEvaluate(lab, yaml({ ...common, sparsity, allocate: { method: 'uniform', fixed } }));
  if (report.sparsity.zeros !== zeros) throw new Error(`${budgetId(index)}: ${report.sparsity.zeros} zeros where ${zeros} were asked for`);
  const { nll } = predict(fitPrediction(sensitivity.joint), sensitivity.matrices, shares);
  const dense = lab.results().dense!.perplexity;
  const record: PredictedRecord = {
    type: 'predicted',
    id: budgetId(index),
    sparsity,
    zeros,
    ...kept(perplexity),
    prediction: {
      perplexity: dense * Math.exp(nll.value),
      low: nll.interval && dense * Math.exp(nll.interval[0]),
      high: nll.interval && dense * Math.exp(nll.interval[1]),
    },
    seconds,
    ...lab.made(),
  };
  appendEntry(lab.recordsPath, record);
  return record;
}

function budgetId(index: number): string {
  return `budget-${String(index).padStart(2, '0')}`;
}

/** Of all budgets: rank correlation, the middle error of log perplexity, and how many the intervals hold. */
export function judge(records: readonly Pick<PredictedRecord, 'perplexity' | 'prediction'>[]) {
  const [predicted, measured] = [records.map(({ prediction }) => prediction.perplexity), records.map(({ perplexity }) => perplexity)];
  const held = records.filter(
    ({ prediction: { low, high }, perplexity }) => low !== null && high !== null && low <= perplexity && perplexity <= high,
  );
  return {
    spearman: spearman(predicted, measured),
    medianError: median(predicted.map((value, i) => Math.abs(Math.log(value / measured[i])) / Math.log(measured[i]))),
    medianRatio: median(predicted.map((value, i) => Math.abs(Math.log(value / measured[i])))),
    held: held.length,
    withInterval: records.filter(({ prediction }) => prediction.low !== null).length,
  };
}

export function predictionPage({ setup, dense, predicted }: Results, name: string): Page {
  const records = [...predicted.values()].toSorted((a, b) => a.sparsity - b.sparsity);
  if (!setup || !dense || records.length < 2) throw new Error(`${name}: there are not two results yet`);
  const verdict = judge(records);
  const picture = pictureOf(records, setup.model);
  const markdown = [
    `# Predicted and measured perplexity on ${code(setup.model)}`,
    '',
    '<!-- Made from the records by `npm run experiment`; change those or the script, not this page. -->',
    '',
    `${records.length} budgets drawn at random (scripts/experiment/budgets.ts), each pruned by the sweep with least squares and evaluated on ${setup.evaluation.windows}`,
    `windows of ${setup.evaluation.length} tokens of ${code(setup.evaluation.text)}; the prediction is that of the measure \`scan\` and its joint trials, made before.`,
    '',
    table(
      ['', '', 'goal'],
      [
        ['Spearman’s rank correlation', verdict.spearman.toFixed(3), '0.9'],
        ['median error of log perplexity', formatShare(verdict.medianError), '3 %'],
        ['median of log(predicted / measured) without its sign', verdict.medianRatio.toFixed(4), ''],
        ['intervals that hold the measured one', `${verdict.held} of ${verdict.withInterval}`, ''],
      ],
    ),
    '',
    `![${picture.title}. ${picture.description}](${name}/prediction.svg)`,
    '',
    table(
      ['budget', 'sparsity', 'predicted', 'interval', 'measured'],
      records.map(({ id, sparsity, prediction: { perplexity, low, high }, perplexity: measured }) => [
        id,
        formatShare(sparsity),
        perplexity.toFixed(2),
        low === null || high === null ? '' : `${low.toFixed(2)} … ${high.toFixed(2)}`,
        measured.toFixed(2),
      ]),
    ),
  ];
  return { markdown: `${markdown.join('\n')}\n`, pictures: new Map([['prediction.svg', renderChart(picture)]]) };
}

function pictureOf(records: readonly PredictedRecord[], model: string): Chart {
  const points = records.map(({ prediction, perplexity }) => ({ x: prediction.perplexity, y: perplexity }));
  const all = points.flatMap(({ x, y }) => [x, y]);
  const equal = [Math.min(...all), Math.max(...all)].map((value) => ({ x: value, y: value }));
  const show = (value: number) => formatCount(value);
  return {
    title: `Predicted and measured perplexity of ${points.length} random budgets on ${model}`,
    description: 'One point a budget; on the line both are equal. The figures are in the table below.',
    panels: [
      {
        title: 'random budgets, 40 to 60 %',
        lines: new Map([
          ['equal', equal],
          ['budget', points],
        ]),
      },
    ],
    unjoined: ['budget'],
    unmarked: ['equal'],
    x: { label: 'predicted perplexity', show, scale: 'log' },
    y: { label: 'measured perplexity', show, scale: 'log' },
  };
}
