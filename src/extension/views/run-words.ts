/** What the view of runs says of each of them. */

import type { Progress } from '../../protocol/data.ts';
import { formatDuration } from '../../protocol/quantity.ts';
import { isActive, isResumable, type JobKind, type RunRecord } from '../run-list.ts';

export interface RunWords {
  readonly label: string;
  readonly description: string;
  /** Plain text, line by line. */
  readonly tooltip: string;
  readonly spoken: string;
  /** A codicon and the colour of the theme it is shown in. */
  readonly icon: { readonly name: string; readonly color: string | null };
  /** Words that the menus look for in `viewItem`. */
  readonly contextValue: string;
}

const verbs: Readonly<Record<JobKind, string>> = {
  prune: 'Prune',
  measure: 'Measure',
  evaluate: 'Evaluate',
  import: 'Import',
  generate: 'Prompt',
};

const icons: Readonly<Record<RunRecord['state'], RunWords['icon']>> = {
  running: { name: 'loading~spin', color: null },
  stopping: { name: 'loading~spin', color: null },
  done: { name: 'pass', color: 'testing.iconPassed' },
  stopped: { name: 'debug-pause', color: null },
  failed: { name: 'error', color: 'testing.iconFailed' },
};

/** @param progress  of this run, if it is under way and has told any */
export function runWordsOf(run: RunRecord, progress: Progress | null, now: number): RunWords {
  const label = `${verbs[run.kind]} ${run.title}`;
  const took = formatDuration(((run.endedMs ?? now) - run.startedMs) / 1000);
  const told = [stateText(run, progress), ...(isActive(run) ? [] : [took]), ...perplexityText(run)];
  return {
    label,
    description: told.join(' · '),
    tooltip: [
      label,
      told.join(' · '),
      `Begun ${new Date(run.startedMs).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })}`,
      isActive(run) ? progress?.detail : null,
      run.folder,
      run.message,
      run.hint,
    ]
      .filter(Boolean)
      .join('\n'),
    spoken: [label, ...told].join(', '),
    icon: icons[run.state],
    contextValue: contextOf(run).join(' '),
  };
}

function stateText(run: RunRecord, progress: Progress | null): string {
  if (run.state === 'stopping') return 'stopping';
  if (run.state === 'running') return progress ? `${progress.step} ${percent(progress)}` : 'starting';
  if (run.state === 'failed') return run.message ? `failed: ${run.message.replace(/\s+/g, ' ')}` : 'failed';
  return run.state;
}

function percent({ done, total }: Progress): string {
  return `${total > 0 ? Math.floor((100 * Math.min(done, total)) / total) : 0} %`;
}

function perplexityText({ perplexity }: RunRecord): string[] {
  if (!perplexity) return [];
  const { before, after } = perplexity;
  return [`perplexity ${before === null ? '' : `${before.toFixed(2)} → `}${after.toFixed(2)}`];
}

function contextOf(run: RunRecord): string[] {
  return [
    ...(run.state === 'running' ? ['running'] : []),
    ...(isActive(run) ? [] : ['over']),
    ...(isResumable(run) && run.recipe !== null ? ['resumable'] : []),
    ...(hasReport(run) ? ['report'] : []),
    ...(run.recipe === null ? [] : ['recipe']),
  ];
}

/** A prune that came to its end wrote one into its folder. */
export function hasReport({ kind, state, folder }: RunRecord): boolean {
  return kind === 'prune' && state === 'done' && folder !== null;
}

/** What the badge of the view says while a run is on. */
export function badgeOf(run: RunRecord | null): { readonly value: number; readonly tooltip: string } | undefined {
  return run ? { value: 1, tooltip: `${verbs[run.kind]} ${run.title} is under way` } : undefined;
}
