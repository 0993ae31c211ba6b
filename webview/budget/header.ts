/** The head of the panel: which recipe, which checkpoint, what can be done, and how far a run is. */

import { html, nothing } from 'lit';
import type { BudgetAction, BudgetState, RunState } from '../../src/protocol/panel.ts';
import { formatBytes, formatRough } from '../../src/protocol/quantity.ts';
import { formatAbout } from '../kit/format.ts';
import { isRunning, offersOf } from './actions.ts';

export interface HeaderRequest {
  readonly state: BudgetState;
  /** Why the recipe cannot be run; `null` if it can. */
  readonly ready: string | null;
  /** Whether the recipe can be changed here. */
  readonly editable: boolean;
  readonly now: number;
  readonly act: (action: BudgetAction) => void;
}

export function header({ state, ready, editable, now, act }: HeaderRequest) {
  const offers = offersOf(state, ready);
  return html`<header>
    <div class="title">
      <h1>${state.title}</h1>
      <p class="muted">${checkpointFacts(state)}</p>
    </div>
    <div class="actions" role="group" aria-label="Actions">
      ${offers.map(
        ({ action, title, reason, primary }) => html`<vscode-button
          ?secondary=${!primary}
          ?disabled=${reason !== null}
          title=${reason ?? nothing}
          aria-description=${reason ?? nothing}
          aria-disabled=${String(reason !== null)}
          @click=${() => reason === null && act(action)}
          >${title}</vscode-button
        >`,
      )}
    </div>
    ${state.run && isRunning(state) ? runningBar(state.run, editable, now) : nothing}
  </header>`;
}

function checkpointFacts({ checkpoint }: BudgetState): string {
  if (checkpoint.state === 'loading') return 'Reading the checkpoint';
  if (checkpoint.state !== 'ready') return checkpoint.path;
  const { folder, modelType, parameters, blocks, files, dtypes } = checkpoint.inspection;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const name = folder.split(/[\\/]/).findLast(Boolean) ?? folder;
  return [
    name,
    modelType,
    `${formatRough(parameters)} parameters`,
    `${blocks} blocks`,
    formatBytes(bytes),
    Object.keys(dtypes).join(', '),
  ].join(' · ');
}

function runningBar(run: RunState, editable: boolean, now: number) {
  const share = shareDone(run);
  return html`<div class="running">
    <vscode-progress-bar
      aria-label="Progress"
      .value=${share === null ? undefined : 100 * share}
      ?indeterminate=${share === null}
    ></vscode-progress-bar>
    <p class="figures">${runSentence(run, now)}</p>
    ${editable ? html`<p class="muted">What is changed now counts from the next run.</p>` : nothing}
  </div>`;
}

function shareDone({ progress }: RunState): number | null {
  return progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
}

const names = { prune: 'Pruning', measure: 'Measuring', evaluate: 'Evaluating' } as const;

/** `Pruning · 28 % of this step · about 3 min left · model.layers.8.mlp.up_proj` */
export function runSentence(run: RunState, now: number): string {
  const { progress } = run;
  if (run.state === 'stopping') return `${names[run.kind]}: stopping at the next place where nothing is half done`;
  if (!progress) return `${names[run.kind]}: starting`;
  const share = shareDone(run);
  const left = timeLeft(run, now);
  return [
    progress.step === run.kind ? names[run.kind] : `${names[run.kind]}: ${progress.step}`,
    share === null ? null : `${Math.floor(100 * share)} % of this step`,
    left === null ? null : `${formatAbout(left)} left`,
    progress.detail || null,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** Seconds left of a prune or a measure, which take nearly all of their time at one pace; `null` before enough is done to say. */
function timeLeft({ progress, from }: RunState, now: number): number | null {
  if (!progress || !from) return null;
  const done = progress.done - from.done;
  if (done < (progress.unit === 'blocks' ? 0.5 : progress.total / 50)) return null;
  return ((now - from.atMs) / 1000 / done) * (progress.total - progress.done);
}
