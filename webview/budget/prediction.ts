/** What the model as a whole is predicted to lose, in words, with the uniform control beside it. */

import { html } from 'lit';
import { measures } from '../../src/methods/measure/index.ts';
import type { Measure } from '../../src/methods/measure.ts';
import { coverage, type Estimate, type Prediction } from '../../src/methods/predict.ts';
import { enumerate } from '../../src/recipe/fields.ts';
import { formatFigure } from '../kit/format.ts';
import type { Compared } from './facts.ts';

/** Beyond this nobody asks how many times. */
const most = 1e6;

/**
 * @param dense    perplexity of the unpruned checkpoint; `null` where it is not known, and perplexities are told as multiples of it
 * @param awaited  whether a measure that can predict is under way
 * @returns        rows of a table; one that says what to measure where nothing is predicted
 */
export function predictionRows(
  predicted: Compared<Prediction> | null,
  dense: number | null,
  awaited: boolean,
): readonly (readonly [string, unknown])[] {
  if (!predicted)
    return [['Predicted perplexity', awaited ? 'not known before all is measured' : `not known: measure with ${lossMeasures()}`]];
  const { budget, uniform } = predicted;
  const perplexity = (nll: Estimate) => words(nll, (value) => perplexityText(value, dense));
  const row = (value: string, control: string) =>
    html`${value}<span class="control">uniform: ${value.startsWith(control) ? 'the same' : control}</span>`;
  return [
    ['Predicted perplexity', row(perplexity(budget.nll), perplexity(uniform.nll))],
    ['Predicted KL', row(`${words(budget.kl, formatFigure)} nats a token`, words(uniform.kl, formatFigure))],
  ];
}

/** Where the figures come from, in a sentence. */
export function predictionNote({ budget: { nll } }: Compared<Prediction>, dense: number | null): string {
  const doubt = nll.interval
    ? `In parentheses, what holds ${Math.round(100 * coverage)} of 100 of the measure’s own trials, on its own text; another text can cost more.`
    : 'How far off they are is not known: this measure tried no matrices together.';
  return dense === null ? `${doubt} × stands for times that of the unpruned model, which has not been evaluated.` : doubt;
}

function words({ value, interval }: Estimate, text: (value: number) => string): string {
  return interval ? `${text(value)} (${text(interval[0])} to ${text(interval[1])})` : text(value);
}

/** @param nll  by how many nats a token it rises */
function perplexityText(nll: number, dense: number | null): string {
  const factor = Math.exp(nll);
  if (!(factor < most)) return `over a million${dense === null ? ' times' : ''}`;
  return dense === null ? `× ${figure(factor)}` : figure(dense * factor);
}

/** Four digits that count: a percent more is much. */
function figure(value: number): string {
  return value < 1e5 ? String(Number(value.toPrecision(value < 10 ? 3 : 4))) : formatFigure(value);
}

function lossMeasures(): string {
  const giving = Object.entries<Measure>(measures).filter(([, { gives }]) => gives === 'loss');
  return enumerate(giving.map(([, { title }]) => title));
}
