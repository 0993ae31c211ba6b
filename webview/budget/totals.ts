/** The whole in figures: what is asked, what is left, what a run needs, and the control to compare with. */

import { html, nothing } from 'lit';
import { formatBytes, formatCount, formatRough } from '../../src/protocol/quantity.ts';
import { zerosAlone } from '../../src/protocol/report.ts';
import { formatAbout, formatFigure, formatPercent } from '../kit/format.ts';
import type { Derived } from './derive.ts';
import { meanErrors, predictions } from './facts.ts';
import { predictionNote, predictionRows } from './prediction.ts';
import type { Budgeted } from './situation.ts';

export function totalsPane({ state, slots, facts, live }: Derived, { budget, zeros }: Budgeted, asked: number) {
  if (state.checkpoint.state !== 'ready') return nothing;
  const { parameters, prunable, files } = state.checkpoint.inspection;
  const errors = facts.gives === 'output error' ? meanErrors(slots, facts, budget) : null;
  const predicted = predictions(slots, facts, budget);
  const { needs } = state;
  const rows: (readonly [string, unknown])[] = [
    ['Sparsity asked', formatPercent(asked, 4)],
    ['Zeros', `${formatCount(zeros)} of ${formatCount(prunable)}`],
    ['Parameters left', `${formatRough(parameters - zeros)} of ${formatRough(parameters)} are not zero`],
    ['Size on disk', `${formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}, dense safetensors, as the source`],
  ];
  if (needs) {
    rows.push(['A run takes', `${formatAbout(needs.seconds)}, ${formatBytes(needs.memoryBytes)} of memory`]);
    rows.push([
      'Room on disk',
      `${formatBytes(needs.diskBytes)}${needs.scratchBytes > 0 ? ` and ${formatBytes(needs.scratchBytes)} for a while` : ''}`,
    ]);
  }
  if (errors) {
    const change = errors.uniform > 0 ? errors.budget / errors.uniform - 1 : 0;
    const compared = Math.abs(change) < 0.0005 ? 'the same' : `${formatPercent(Math.abs(change), 1)} ${change < 0 ? 'less' : 'more'}`;
    rows.push(['Mean predicted error', `${formatFigure(errors.budget)}; uniform ${formatFigure(errors.uniform)}: ${compared}`]);
  }
  rows.push(...predictionRows(predicted, state.densePerplexity, live?.gives === 'loss'));
  return html`<dl class="figures">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    ${predicted ? html`<p class="muted">${predictionNote(predicted, state.densePerplexity)}</p>` : nothing}
    <p class="muted">${zerosAlone}</p>`;
}
