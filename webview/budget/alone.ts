/** Solving the chosen matrix alone: the button, and what came of it beside what was predicted. */

import { html, nothing } from 'lit';
import { sizeOf } from '../../src/methods/allocator.ts';
import type { BudgetAction, FromBudget, ToBudget } from '../../src/protocol/panel.ts';
import { formatDuration } from '../../src/protocol/quantity.ts';
import type { BudgetEntry } from '../../src/recipe/budget.ts';
import { asSentence, formatFigure } from '../kit/format.ts';
import type { Derived } from './derive.ts';

type Solved = Extract<ToBudget, { type: 'solved' }>;

/** A matrix that was asked to be solved at one sparsity. */
export interface Attempt {
  /** Of everything that the answer depends on. */
  readonly key: string;
  readonly matrix: string;
  readonly sparsity: number;
  /** `null` until it has come. */
  readonly answer: Solved['answer'] | null;
}

/** What solving the chosen matrix would be asked for now; `null` where none is chosen or there is no budget. */
function wishedAttempt(
  { reading: { recipe, stale }, slots }: Pick<Derived, 'reading' | 'slots'>,
  budget: readonly BudgetEntry[] | null,
  index: number | null,
): Attempt | null {
  const slot = index === null ? undefined : slots[index];
  const entry = index === null ? undefined : budget?.[index];
  if (!slot || !entry || !recipe || stale) return null;
  const { model, calibrate, solve, pattern } = recipe;
  const key = JSON.stringify([slot.name, entry.zeros, model, calibrate, solve, pattern]);
  return { key, matrix: slot.name, sparsity: entry.zeros / sizeOf(slot), answer: null };
}

/** How the pane sees it. */
export interface Alone {
  /** `null` where nothing can be asked for. */
  readonly wished: Attempt | null;
  /** The last one, if it is of what would be asked for now. */
  readonly attempt: Attempt | null;
  readonly solve: (wished: Attempt) => void;
  readonly act: (action: BudgetAction) => void;
}

export interface Solo {
  receive(message: Solved): void;
  /** The pane of a matrix at the budget as it stands; an attempt at anything else is given up, and stopped if it is under way. */
  look(derived: Derived, budget: readonly BudgetEntry[] | null, index: number | null): Alone;
}

/** Keeps the last attempt. @param lent.onChange  called when the pane has to be drawn again */
export function createSolo({ post, onChange }: { post(message: FromBudget): void; onChange(): void }): Solo {
  let attempt: Attempt | null = null;
  const solve = (wished: Attempt) => {
    attempt = wished;
    post({ type: 'solve', matrix: wished.matrix, sparsity: wished.sparsity });
    onChange();
  };
  const act = (action: BudgetAction) => post({ type: 'action', action });
  return {
    receive({ matrix, sparsity, answer }) {
      if (attempt?.matrix !== matrix || attempt.sparsity !== sparsity) return;
      attempt = { ...attempt, answer };
      onChange();
    },
    look(derived, budget, index) {
      const wished = wishedAttempt(derived, budget, index);
      if (attempt && attempt.key !== wished?.key) {
        if (attempt.answer === null) post({ type: 'stopSolving' });
        attempt = null;
      }
      return { wished, attempt, solve, act };
    },
  };
}

/** Rows for the list of what is known of the matrix. */
export function aloneRows({ attempt }: Alone): [string, unknown][] {
  if (attempt?.answer?.state !== 'solved') return [];
  const { relativeError, maskOnlyError, damping, seconds } = attempt.answer.solved;
  return [
    ['Error, solved alone', `${formatFigure(relativeError)} of the output`],
    ['of the mask alone', formatFigure(maskOnlyError)],
    ['Damping, time', `${formatFigure(damping)}, ${seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds)}`],
  ];
}

export function aloneControls({ wished, attempt, solve, act }: Alone, { state }: Pick<Derived, 'state'>) {
  if (!wished) return nothing;
  const isRunning = attempt !== null && attempt.answer === null;
  const reason = state.trusted ? null : 'Nothing may run in a workspace that is not trusted.';
  return html`<div class="alone">
    <vscode-button
      secondary
      ?disabled=${isRunning || reason !== null}
      title=${reason ?? 'With the recipe’s solve step, on the inputs that the unpruned model gives it.'}
      @click=${() => solve(wished)}
      >Solve This Matrix Now</vscode-button
    >
    ${aloneWords(attempt, state, act)}
  </div>`;
}

function aloneWords(attempt: Attempt | null, { trusted, busy }: Derived['state'], act: (action: BudgetAction) => void) {
  if (!attempt) return nothing;
  const { answer } = attempt;
  if (!answer) return html`<p class="muted" role="status">It is being solved.</p>`;
  if (answer.state === 'failed')
    return html`<p role="status">${asSentence(answer.message)} ${answer.hint ? html`<span class="hint">${answer.hint}</span>` : nothing}</p>`;
  if (answer.state === 'no grams')
    return html`<p role="status">
        The inputs of this matrix are not kept for this text. Measure keeps them, within the limit
        <code>secateur.gramCacheLimit</code>.
      </p>
      ${trusted && !busy ? html`<vscode-button secondary @click=${() => act('measure')}>Measure</vscode-button>` : nothing}`;
  return answer.solved.isStandIn
    ? html`<p class="muted" role="status">By the default solver: the recipe’s takes more than the inputs of one matrix.</p>`
    : html`<p class="offscreen" role="status">It is solved: the error is ${formatFigure(answer.solved.relativeError)} of the output.</p>`;
}
