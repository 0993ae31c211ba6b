/** The runs of a workspace, now and before, as plain data that can be kept. */

import type { RunState } from '../protocol/panel.ts';

export type JobKind = RunState['kind'] | 'import' | 'generate';

export interface RunRecord {
  /** The name under which the engine knows the job. */
  readonly id: string;
  readonly kind: JobKind;
  /** What it works on, for a person: the recipe's file name, or the folder's. */
  readonly title: string;
  /** The uri of the recipe it carries out; `null` where it has none. */
  readonly recipe: string | null;
  /** The folder that it writes, or looks at; absolute. `null` while that is not known. */
  readonly folder: string | null;
  /** The folder of the checkpoint that it prunes, absolute; `null` where it prunes none. */
  readonly model: string | null;
  readonly state: RunState['state'];
  /** Whether it came so far as to prune; known when it has ended. */
  readonly pruned: boolean;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** Why it failed. */
  readonly message: string | null;
  readonly hint: string | null;
  readonly perplexity: { readonly before: number | null; readonly after: number } | null;
}

const mostKept = 50;

export function isActive({ state }: Pick<RunRecord, 'state'>): boolean {
  return state === 'running' || state === 'stopping';
}

/** A prune that did not come to its end goes on where it stopped. */
export function isResumable(run: RunRecord): boolean {
  return run.kind === 'prune' && (run.state === 'stopped' || (run.state === 'failed' && !wasRefused(run)));
}

/** A prune that failed before it began has left nothing to go on with. */
export function wasRefused({ kind, state, pruned }: RunRecord): boolean {
  return kind === 'prune' && state === 'failed' && !pruned;
}

/** Newest first; the oldest fall out. */
export function withRun(runs: readonly RunRecord[], run: RunRecord): readonly RunRecord[] {
  const at = runs.findIndex(({ id }) => id === run.id);
  return at < 0 ? [run, ...runs].slice(0, mostKept) : runs.with(at, run);
}

/** Runs as they were kept. What was under way when its window closed has stopped; what is no run, as of another version, is left out. */
export function restoreRuns(kept: unknown): readonly RunRecord[] {
  if (!Array.isArray(kept)) return [];
  return kept
    .filter(isRun)
    .slice(0, mostKept)
    .map((run) => (isActive(run) ? { ...run, state: 'stopped', endedMs: run.endedMs ?? run.startedMs } : run));
}

/** Perplexity of a checkpoint as it was last found: before it was pruned, or by an evaluation. `null` where no run tells. */
export function perplexityOf(runs: readonly RunRecord[], folder: string): number | null {
  for (const { kind, model, folder: looked, perplexity } of runs) {
    if (kind === 'prune' && model === folder && perplexity?.before) return perplexity.before;
    if (kind === 'evaluate' && looked === folder && perplexity) return perplexity.after;
  }
  return null;
}

const states: Readonly<Record<RunState['state'], true>> = { running: true, stopping: true, done: true, stopped: true, failed: true };

function isRun(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { id, kind, title, state, startedMs } = value as Partial<Record<keyof RunRecord, unknown>>;
  return (
    [id, kind, title].every((text) => typeof text === 'string') && Object.hasOwn(states, String(state)) && typeof startedMs === 'number'
  );
}
