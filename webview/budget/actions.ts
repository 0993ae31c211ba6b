/** Which actions the panel offers, and why one cannot be taken. */

import type { BudgetAction, BudgetState } from '../../src/protocol/panel.ts';

export interface Offer {
  readonly action: BudgetAction;
  readonly title: string;
  /** Why it cannot be taken now; `null` if it can. */
  readonly reason: string | null;
  /** The one that is most likely wanted. */
  readonly primary: boolean;
}

/** @param ready  why the recipe cannot be run as it stands; `null` if it can */
export function offersOf(state: BudgetState, ready: string | null): readonly Offer[] {
  const running = isRunning(state);
  const outcome = state.outcome?.state ?? 'absent';
  const cannotRun = state.trusted
    ? running || state.busy
      ? 'A run is under way.'
      : ready
    : 'Nothing may run in a workspace that is not trusted.';
  const finished = outcome === 'finished' ? null : 'Nothing has been pruned with this recipe yet.';
  const offers: Offer[] = [
    { action: 'measure', title: state.sensitivity ? 'Measure Again' : 'Measure', reason: cannotRun, primary: false },
    outcome === 'partial'
      ? { action: 'resume', title: 'Resume', reason: cannotRun, primary: true }
      : { action: 'prune', title: 'Prune', reason: cannotRun, primary: outcome !== 'finished' },
    { action: 'evaluate', title: 'Evaluate', reason: cannotRun ?? finished, primary: false },
    { action: 'openReport', title: 'Open Report', reason: finished, primary: outcome === 'finished' && !running },
  ];
  if (!running) return offers;
  const stopping = state.run?.state === 'stopping' ? 'It stops as soon as nothing is half done.' : null;
  return [{ action: 'stop', title: 'Stop', reason: stopping, primary: true }, ...offers.map((offer) => ({ ...offer, primary: false }))];
}

export function isRunning({ run }: Pick<BudgetState, 'run'>): boolean {
  return run?.state === 'running' || run?.state === 'stopping';
}
