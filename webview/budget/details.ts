/** The pane that tells everything of one matrix. */

import { html, nothing } from 'lit';
import { sizeOf } from '../../src/methods/allocator.ts';
import { formatCount } from '../../src/protocol/quantity.ts';
import { formatFigure, formatPercent } from '../kit/format.ts';
import { type Alone, aloneControls, aloneRows } from './alone.ts';
import { curvePlot } from './curve.ts';
import type { Derived } from './derive.ts';
import { predictedError } from './facts.ts';
import { titleOf, type View } from './measures.ts';

/**
 * @param index  of the slot; `null` where none is chosen
 * @param alone  of the same slot
 */
export function detailsPane({ state, facts, solved }: Derived, view: View, index: number | null, alone: Alone) {
  const { slots, budget } = view;
  if (index === null || !slots[index]) return html`<p class="muted">Choose a cell to see its matrix.</p>`;
  const slot = slots[index];
  const dtype = state.checkpoint.state === 'ready' ? state.checkpoint.inspection.matrices[index]?.dtype : undefined;
  const known = facts.sensitivities[index];
  const sparsity = budget ? budget[index].zeros / sizeOf(slot) : null;
  const predicted = sparsity === null ? null : predictedError(facts, index, sparsity);
  const done = solved[index];
  const rows: [string, unknown][] = [
    ['Block, kind', `${slot.block}, ${slot.kind}`],
    ['Shape', `${slot.out} × ${slot.in} (out × in)`],
    ['Parameters', `${formatCount(sizeOf(slot))}${dtype ? `, ${dtype}` : ''}`],
  ];
  if (budget && sparsity !== null) {
    rows.push(['Sparsity', formatPercent(sparsity, 4)], ['Zeros', formatCount(budget[index].zeros)]);
    rows.push(['Set by', budget[index].fixed ? html`<code>${budget[index].setBy}</code>, a lock of the recipe` : budget[index].setBy]);
  }
  const unit = facts.unit === '' ? '' : ` ${facts.unit}`;
  const predictedTitle = titleOf('predicted', view);
  if (known) {
    const doubt = known.standardError === undefined ? '' : ` ± ${formatFigure(known.standardError)}`;
    rows.push(['Sensitivity', `${formatFigure(known.value)}${doubt}${unit}`]);
    rows.push(['Rank', `${facts.ranks[index]} of ${facts.nMeasured}, 1 minds most`]);
  }
  if (predicted !== null) rows.push([predictedTitle, `${formatFigure(predicted)}${unit}`]);
  rows.push(...aloneRows(alone));
  if (done)
    rows.push(
      ['Measured error', formatFigure(done.relativeError)],
      ['of the mask alone', formatFigure(done.maskOnlyError)],
      ['Zeros written', formatCount(done.zeros)],
    );
  return html`<p class="name"><code>${slot.name}</code></p>
    <dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    ${aloneControls(alone, { state })}
    ${known?.curve && known.curve.length > 0 && sparsity !== null ? curvePlot(known.curve, sparsity, `${predictedTitle}${facts.unit === '' ? '' : `, ${facts.unit},`}`) : nothing}`;
}
