/** Names for `allocate.fixed` from the checkpoint at hand: kinds of matrices, blocks, single modules. */

import { CompletionItemKind } from 'vscode-languageserver';
import { type Slot, weightsOf } from '../methods/allocator.ts';
import { formatCount } from '../protocol/quantity.ts';
import { moduleName } from '../recipe/match.ts';
import { nameTogether } from '../recipe/name-slots.ts';
import type { Completions, Proposal } from './complete.ts';
import type { Cursor } from './cursor.ts';
import type { Facts } from './facts.ts';

const mostShown = 200;

export function globCompletions({ word, siblings, hasColon }: Cursor, { checkpoint }: Facts): Completions {
  if (checkpoint.state !== 'ready') return { items: [], isIncomplete: false };
  const asked = word.toLowerCase().replaceAll('*', '');
  const fitting = globsOf(checkpoint.slots).filter(({ glob }) => !siblings.has(glob) && glob.toLowerCase().includes(asked));
  const items = fitting.slice(0, mostShown).map(({ glob, slots }): Proposal => {
    const weights = weightsOf(slots);
    const detail = slots.length === 1 ? `${slots[0].out} × ${slots[0].in}` : `${slots.length} matrices, ${formatCount(weights)} weights`;
    return { word: glob, kind: CompletionItemKind.Field, detail, suffix: hasColon ? '' : ': ' };
  });
  return { items, isIncomplete: fitting.length > mostShown };
}

/** What one would fix at once: every kind, every block, every module; with the matrices each of them means. */
export function globsOf(slots: readonly Slot[]): readonly { readonly glob: string; readonly slots: readonly Slot[] }[] {
  const groups = [...groupBy(slots, ({ kind }) => kind), ...groupBy(slots, ({ block }) => block)];
  const together = groups.flatMap((indices) => {
    const glob = nameTogether(indices, slots);
    return glob === undefined ? [] : [{ glob, slots: indices.map((i) => slots[i]) }];
  });
  return [...together, ...slots.map((slot) => ({ glob: moduleName(slot.name), slots: [slot] }))];
}

function groupBy(slots: readonly Slot[], keyOf: (slot: Slot) => unknown): readonly (readonly number[])[] {
  const groups = new Map<unknown, number[]>();
  for (const [i, slot] of slots.entries()) {
    const group = groups.get(keyOf(slot));
    if (group) group.push(i);
    else groups.set(keyOf(slot), [i]);
  }
  return [...groups.values()];
}
