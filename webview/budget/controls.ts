/** The sliders: the target, the selection, every kind and every block. */

import { html, nothing } from 'lit';
import type { Slot } from '../../src/methods/allocator.ts';
import { type BudgetEntry, meanSparsity } from '../../src/recipe/budget.ts';
import type { BudgetGesture } from '../../src/recipe/gesture.ts';
import '../kit/slider.ts';
import type { Group } from './board.ts';
import type { Budgeted } from './situation.ts';
import './slider-list.ts';
import { lockGroup, setChosen, setGroup } from './wishes.ts';

export interface Controls {
  readonly slots: readonly Slot[];
  readonly budgeted: Budgeted;
  /** The budget of the text, in which a wish has fixed nothing yet. */
  readonly settled: readonly BudgetEntry[];
  readonly selected: Group;
  /** The total that is asked for just now; it may be more than the budget can follow. */
  readonly asked: number;
  readonly disabled: boolean;
  readonly slide: (gesture: BudgetGesture) => void;
  readonly commit: (gesture: BudgetGesture) => void;
  readonly cancel: () => void;
}

type Share = CustomEvent<{ readonly value: number }>;
type Lock = CustomEvent<{ readonly locked: boolean }>;

export function mainControls({ slots, budgeted: { recipe, budget }, selected, asked, disabled, slide, commit, cancel }: Controls) {
  const { pattern } = recipe;
  const { length } = selected.slots;
  const target = (sparsity: number): BudgetGesture => ({ type: 'target', sparsity });
  return html`<section class="pane" aria-labelledby="budget">
    <h2 id="budget">Budget</h2>
    <secateur-slider
      id="target"
      .text=${'Target'}
      .label=${'Target sparsity'}
      .value=${asked}
      ?disabled=${disabled || pattern !== undefined}
      @slide=${({ detail }: Share) => slide(target(detail.value))}
      @commit=${({ detail }: Share) => commit(target(detail.value))}
      @cancel=${cancel}
    ></secateur-slider>
    ${pattern ? html`<p class="muted">The pattern ${pattern.n}:${pattern.m} sets the sparsity; a lock leaves a matrix dense.</p>` : nothing}
    <secateur-slider
      id="selection"
      .text=${length > 0 ? `Selection (${length})` : 'Selection'}
      .label=${length > 0 ? `Selection of ${length} ${length === 1 ? 'matrix' : 'matrices'}` : 'Selection, empty'}
      .value=${length > 0 ? meanSparsity(budget, slots, selected.slots) : 0}
      .locked=${length > 0 && selected.slots.every((i) => budget[i].fixed)}
      ?fixed=${pattern !== undefined}
      ?disabled=${disabled || length === 0}
      @slide=${({ detail }: Share) => slide(setChosen(selected, detail.value))}
      @commit=${({ detail }: Share) => commit(setChosen(selected, detail.value))}
      @cancel=${cancel}
      @lock=${({ detail }: Lock) => commit(lockGroup(selected, detail.locked, recipe))}
    ></secateur-slider>
    <div class="bar">
      <vscode-button
        secondary
        ?disabled=${disabled || !selected.slots.some((i) => budget[i].fixed)}
        @click=${() => commit({ type: 'release', slots: selected.names })}
        >Reset Selection</vscode-button
      >
      <vscode-button secondary ?disabled=${disabled || !budget.some(({ fixed }) => fixed)} @click=${() => commit({ type: 'reset' })}
        >Reset All</vscode-button
      >
    </div>
  </section>`;
}

export interface GroupList {
  readonly title: string;
  readonly noun: string;
  readonly groups: readonly Group[];
  readonly open: boolean;
  readonly onToggle: (event: Event) => void;
}

export function groupControls(
  list: GroupList,
  { slots, settled, budgeted: { recipe, budget }, disabled, slide, commit, cancel }: Controls,
) {
  type GroupShare = CustomEvent<{ readonly group: Group; readonly value: number }>;
  type GroupLock = CustomEvent<{ readonly group: Group; readonly locked: boolean }>;
  return html`<details ?open=${list.open} @toggle=${list.onToggle}>
    <summary>${list.title}</summary>
    ${
      list.open
        ? html`<secateur-slider-list
            .groups=${list.groups}
            .slots=${slots}
            .budget=${budget}
            .noun=${list.noun}
            .fixedShare=${recipe.pattern !== undefined}
            ?disabled=${disabled}
            @group-slide=${({ detail }: GroupShare) => slide(setGroup(detail.group, detail.value, settled))}
            @group-commit=${({ detail }: GroupShare) => commit(setGroup(detail.group, detail.value, settled))}
            @group-cancel=${cancel}
            @group-lock=${({ detail }: GroupLock) => commit(lockGroup(detail.group, detail.locked, recipe))}
          ></secateur-slider-list>`
        : nothing
    }
  </details>`;
}
