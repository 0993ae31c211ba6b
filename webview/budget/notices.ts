/** What stands in the way of working, each with the way on. */

import { html, nothing } from 'lit';
import type { BudgetAction, BudgetState } from '../../src/protocol/panel.ts';
import type { Gesture } from '../../src/recipe/gesture.ts';
import { asSentence, formatPercent } from '../kit/format.ts';
import { isRunning } from './actions.ts';
import type { Fault } from './situation.ts';

type Act = (action: BudgetAction) => void;

/** A run that failed has been read about. */
export interface Dismissal {
  /** The start of the run whose notice was put away. */
  readonly dismissed: number;
  readonly dismiss: (startedMs: number) => void;
}

export function stateNotices(state: BudgetState, ready: string | null, act: Act, dismissal: Dismissal) {
  return [checkpointNotice(state, act), trustNotice(state), runNotice(state, act, dismissal), unmeasuredNotice(state, ready, act)];
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

function unmeasuredNotice(state: BudgetState, ready: string | null, act: Act) {
  if (state.sensitivity || state.checkpoint.state !== 'ready' || isRunning(state) || state.busy || !state.trusted || ready !== null)
    return nothing;
  return notice(
    'info',
    'How much each matrix minds pruning has not been measured yet.',
    button('Measure', () => act('measure')),
  );
}

/** A wish, or a recipe, that cannot be met. */
export function faultNotice({ message, hint, nearest }: Fault, choose: (gesture: Gesture) => void) {
  return html`<div class="notice error" role="status">
    <p>${asSentence(message)} ${hint ? html`<span class="hint">${hint}</span>` : nothing}</p>
    ${nearest ? button(nearestTitle(nearest), () => choose(nearest)) : nothing}
  </div>`;
}

function nearestTitle(gesture: Gesture): string {
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
