/** The cells of the heat map: made once for a board, they look at the view of the moment when they are drawn. */

import { sizeOf } from '../../src/methods/allocator.ts';
import { formatCount } from '../../src/protocol/quantity.ts';
import { formatFigure, formatPercent } from '../kit/format.ts';
import type { HeatCell } from '../kit/heat-data.ts';
import type { Board } from './board.ts';
import { cellValue, type ShownId, shown, titleOf, type View } from './measures.ts';

export interface Looking {
  shown: ShownId;
  view: View;
  /** The block that a run works on: what is not finished in it is being worked on or waits. */
  busyBlock: number | null;
}

/** A drag changes every cell of thousands sixty times a second; only those that are seen are asked. */
export function makeCells(board: Board, looking: Looking): readonly (HeatCell | null)[] {
  return board.cells.map((slots) => {
    if (slots.length === 0) return null;
    return {
      get value() {
        return cellValue(looking.shown, looking.view, slots);
      },
      get text() {
        const value = cellValue(looking.shown, looking.view, slots);
        return value === null ? '' : shown(looking.shown).text(value);
      },
      get label() {
        return describe(slots, looking);
      },
      get locked() {
        const { budget } = looking.view;
        return budget !== null && slots.every((i) => budget[i].fixed);
      },
      get busy() {
        const { view, busyBlock } = looking;
        return busyBlock !== null && slots.some((i) => view.slots[i].block === busyBlock && !view.isDone(i));
      },
    };
  });
}

function describe(indices: readonly number[], { shown: id, view }: Looking): string {
  const { slots, budget, facts, solved } = view;
  const [first] = indices;
  const { block, kind } = slots[first];
  const many = indices.length > 1;
  const weights = indices.reduce((sum, i) => sum + sizeOf(slots[i]), 0);
  const parts = [`Block ${block}, ${kind}${many ? `, ${indices.length} matrices` : ''}`];
  if (budget) {
    const zeros = indices.reduce((sum, i) => sum + budget[i].zeros, 0);
    const locked = indices.filter((i) => budget[i].fixed).length;
    parts.push(`sparsity ${formatPercent(zeros / weights)}, ${formatCount(zeros)} of ${formatCount(weights)} weights`);
    if (locked > 0) parts.push(locked === indices.length ? `locked by ${budget[first].setBy}` : `${locked} of ${indices.length} locked`);
  }
  const value = cellValue(id, view, indices);
  const title = titleOf(id, view).toLowerCase();
  if (id !== 'sparsity' && id !== 'zeros') parts.push(value === null ? `${title} not known` : `${title} ${formatFigure(value)}`);
  if (!many && facts.ranks[first] > 0 && id !== 'rank') parts.push(`rank ${facts.ranks[first]} of ${facts.nMeasured} by sensitivity`);
  if (!many && solved[first] && id !== 'measured') parts.push(`measured error ${formatFigure(solved[first].relativeError)}`);
  if (many) parts.push('Enter opens the column');
  return `${parts.join('; ')}.`;
}
