/** What stands in the way of working, each with the way on. */

import { html, nothing } from 'lit';
import type { BudgetAction, BudgetState } from '../../src/protocol/panel.ts';
import type { BudgetGesture } from '../../src/recipe/gesture.ts';
import { asSentence, formatPercent } from '../kit/format.ts';
import { isRunning } from './actions.ts';
import type { Derived } from './derive.ts';
import { titleOfMethod } from './methods.ts';
import type { Fault } from './situation.ts';

type Act = (action: BudgetAction) => void;

/** A run that failed has been read about. */
export interface Dismissal {
  /** The start of the run whose notice was put away. */
  readonly dismissed: number;
  readonly dismiss: (startedMs: number) => void;
}

export function stateNotices(derived: Derived, ready: string | null, act: Act, dismissal: Dismissal) {
  const { state } = derived;
  return [checkpointNotice(state, act), trustNotice(state), runNotice(state, act, dismissal), unmeasuredNotice(derived, ready, act)];
}

function checkpointNotice({ checkpoint }: BudgetState, act: Act) {
  if (checkpoint.state === 'missing')
    return notice(
      'warning',
      checkpoint.path === '' ? 'The recipe names no checkpoint.' : html`There is no checkpoint at <code>${checkpoint.path}</code>.`,
      button('Pick a Checkpoint', () => act('pickCheckpoint')),
    );
  if (checkpoint.state === 'bad')
    return notice(
      'error',
      html`${asSentence(checkpoint.message)} ${checkpoint.hint ? html`<span class="hint">${checkpoint.hint}</span>` : nothing}`,
      button('Pick Another', () => act('pickCheckpoint')),
    );
  return nothing;
}

function trustNotice({ trusted }: BudgetState) {
  return trusted
    ? nothing
    : notice('warning', 'This workspace is not trusted: the recipe can be read and changed, but nothing may run.', nothing);
}

function runNotice({ run }: BudgetState, act: Act, { dismissed, dismiss }: Dismissal) {
  if (run?.state !== 'failed' || run.startedMs === dismissed) return nothing;
  return notice(
    'error',
    html`${asSentence(run.message ?? 'The run failed.')} ${run.hint ? html`<span class="hint">${run.hint}</span>` : nothing}`,
    [button('Show Log', () => act('showLog')), button('Dismiss', () => dismiss(run.startedMs))],
  );
}

function unmeasuredNotice({ state, reading: { recipe }, sensitivity, awaited }: Derived, ready: string | null, act: Act) {
  if (sensitivity || !recipe || state.checkpoint.state !== 'ready') return nothing;
  const canMeasure = !isRunning(state) && !state.busy && state.trusted && ready === null;
  if (awaited === null && !canMeasure) return nothing;
  return notice(
    'info',
    awaited === null
      ? 'How much each matrix minds pruning has not been measured yet.'
      : html`The budget below is uniform until ${titleOfMethod('measure', awaited)} has been measured:
          ${titleOfMethod('allocate', recipe.allocate.method)} is fed by it.`,
    canMeasure ? button('Measure', () => act('measure')) : nothing,
  );
}

/** A wish, or a recipe, that cannot be met. */
export function faultNotice({ message, hint, nearest }: Fault, choose: (gesture: BudgetGesture) => void) {
  return html`<div class="notice error" role="status">
    <p>${asSentence(message)} ${hint ? html`<span class="hint">${hint}</span>` : nothing}</p>
    ${nearest ? button(nearestTitle(nearest), () => choose(nearest)) : nothing}
  </div>`;
}

function nearestTitle(gesture: BudgetGesture): string {
  if (gesture.type === 'target') return `Set the target to ${formatPercent(gesture.sparsity, 4)}`;
  return gesture.type === 'set' ? `Set to ${formatPercent(gesture.sparsity, 4)}` : 'Do the nearest';
}

function notice(kind: 'info' | 'warning' | 'error', text: unknown, way: unknown) {
  return html`<div class="notice ${kind}">
    <p>${text}</p>
    ${way}
  </div>`;
}

function button(title: string, onClick: () => void) {
  return html`<vscode-button secondary @click=${onClick}>${title}</vscode-button>`;
}
