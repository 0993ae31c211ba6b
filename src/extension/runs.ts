/** The jobs of this window: one at a time, each with its state for the panel of its recipe and its line in the list of runs. */

import { SecateurError } from '../error.ts';
import type { MatrixSensitivity } from '../methods/sensitivity.ts';
import type { JobEvent, SolvedMatrix } from '../protocol/engine.ts';
import { mergeMatrices } from '../protocol/merge-matrices.ts';
import type { RunState } from '../protocol/panel.ts';
import type { EngineClient } from './engine-client.ts';
import { faultOf } from './errors.ts';
import { isActive, type JobKind, type RunRecord, restoreRuns, withRun } from './run-list.ts';

export interface Job<R> {
  readonly kind: JobKind;
  readonly title: string;
  readonly recipe: string | null;
  readonly folder: string | null;
  /** The checkpoint's folder, where it prunes one. */
  readonly model?: string | null;
  /** Asks the engine under the job's name. */
  ask(job: string, signal: AbortSignal): Promise<R>;
  /** What the list is to say of its result. */
  summary?(result: R): Partial<Pick<RunRecord, 'folder' | 'perplexity'>>;
}

export type Ending<R> =
  | { readonly state: 'done'; readonly run: RunRecord; readonly result: R }
  | { readonly state: 'stopped'; readonly run: RunRecord }
  | { readonly state: 'failed'; readonly run: RunRecord; readonly error: unknown };

export interface RunChange {
  /** The run that changed; `null` where runs were taken out of the list. */
  readonly run: RunRecord | null;
  /** Only progress: the run neither began, nor was told to stop, nor ended. */
  readonly isProgress: boolean;
  /** Matrices that came since the last change. */
  readonly matrices: readonly SolvedMatrix[];
  readonly sensitivities: readonly MatrixSensitivity[];
}

export interface Runs {
  /** The one that is under way. */
  readonly current: RunRecord | null;
  /** Newest first. */
  readonly list: readonly RunRecord[];
  /** The last job of this window on a recipe, by its uri. */
  stateOf(recipe: string): RunState | null;
  /** How far the job under way is. */
  readonly progress: RunState['progress'];
  onDidChange(listener: (change: RunChange) => void): { dispose(): void };
  /**
   * Resolves when the job has ended, however it did.
   *
   * @throws `BUSY` where another one is under way
   */
  start<R>(job: Job<R>): Promise<Ending<R>>;
  /** Asks the job under way to stop at the next place where nothing is half done. */
  stop(): void;
  /** Takes a run that has ended out of the list. */
  remove(id: string): void;
  /** Takes all runs that have ended out of the list. */
  clear(): void;
}

export interface RunsOptions {
  readonly engine: Pick<EngineClient, 'onEvent'>;
  readonly log: (line: string) => void;
  /** Where the list is kept. */
  readonly load: () => unknown;
  readonly save: (runs: readonly RunRecord[]) => void;
  readonly now?: () => number;
}

/** Changes that are only progress are told so often at most. */
const progressMs = 100;

interface Active {
  run: RunRecord;
  readonly abort: AbortController;
  progress: RunState['progress'];
  from: RunState['from'];
  pruned: boolean;
  hasMatrices: boolean;
  readonly fresh: { readonly matrices: SolvedMatrix[]; readonly sensitivities: MatrixSensitivity[] };
  timer: NodeJS.Timeout | undefined;
}

export function createRuns({ engine, log, load, save, now = Date.now }: RunsOptions): Runs {
  const listeners = new Set<(change: RunChange) => void>();
  const states = new Map<string, RunState>();
  let list = restoreRuns(load());
  let active: Active | null = null;
  let nStarted = 0;

  const tell = (change: RunChange) => {
    for (const listener of listeners) listener(change);
  };
  const keep = (runs: readonly RunRecord[]) => {
    list = runs;
    save(list);
  };
  /** Sets what the run is now, and tells it with everything that came since the last time. */
  const change = (job: Active, run: RunRecord) => {
    clearTimeout(job.timer);
    job.timer = undefined;
    const isProgress = run === job.run;
    job.run = run;
    // An answer to a prompt is read and done with; nobody looks for it among the runs.
    if (!isProgress) keep(run.kind === 'generate' && !isActive(run) ? list.filter(({ id }) => id !== run.id) : withRun(list, run));
    const [matrices, sensitivities] = [job.fresh.matrices.splice(0), job.fresh.sensitivities.splice(0)];
    const state = stateFrom(run, job);
    if (run.recipe !== null && state) {
      const known = states.get(run.recipe);
      const before = known?.startedMs === run.startedMs ? known : undefined;
      states.set(run.recipe, {
        ...state,
        matrices: mergeMatrices(before?.matrices ?? [], matrices),
        sensitivities: mergeMatrices(before?.sensitivities ?? [], sensitivities),
      });
    }
    tell({ run, isProgress, matrices, sensitivities });
  };
  const receive = (job: Active, event: JobEvent) => {
    if (event.type === 'log') return log(event.line);
    if (event.type === 'text') return;
    if (event.type === 'sensitivities') job.fresh.sensitivities.push(...event.matrices);
    else if (event.type === 'progress') {
      const { step, unit, done } = event.progress;
      if (unit !== 'blocks' && step !== 'measure') job.from = null;
      // What was finished before is only walked through, which is much faster: the pace is told by the blocks after the first of its own.
      else if (job.progress?.step !== step) job.from = job.hasMatrices ? null : { done, atMs: now() };
      job.pruned ||= step === 'prune';
      job.progress = event.progress;
    } else {
      job.hasMatrices = true;
      if (job.progress?.unit === 'blocks') job.from ??= { done: job.progress.done, atMs: now() };
      job.fresh.matrices.push(...event.matrices);
    }
    job.timer ??= setTimeout(() => change(job, job.run), progressMs);
  };

  return {
    get current() {
      return active?.run ?? null;
    },
    get list() {
      return list;
    },
    get progress() {
      return active?.progress ?? null;
    },
    stateOf: (recipe) => states.get(recipe) ?? null,
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    async start({ kind, title, recipe, folder, model = null, ask, summary }) {
      if (active) throw new SecateurError('BUSY', `${active.run.title} is still being worked on`, 'Wait for it, or stop it.');
      const startedMs = now();
      const id = `${startedMs.toString(36)}-${nStarted++}`;
      const begun: RunRecord = {
        id,
        kind,
        title,
        recipe,
        folder,
        model,
        state: 'running',
        pruned: false,
        startedMs,
        endedMs: null,
        message: null,
        hint: null,
        perplexity: null,
      };
      const job: Active = {
        run: begun,
        abort: new AbortController(),
        progress: null,
        from: null,
        pruned: false,
        hasMatrices: false,
        fresh: { matrices: [], sensitivities: [] },
        timer: undefined,
      };
      active = job;
      if (recipe !== null) states.delete(recipe);
      change(job, { ...begun });
      const events = engine.onEvent(id, (event) => receive(job, event));
      const end = (rest: Partial<RunRecord>): RunRecord => {
        active = null;
        change(job, { ...job.run, pruned: job.pruned, endedMs: now(), ...rest });
        return job.run;
      };
      try {
        const result = await ask(id, job.abort.signal);
        return { state: 'done', run: end({ state: 'done', ...summary?.(result) }), result };
      } catch (error) {
        const { kind: fault, message, hint } = faultOf(error);
        if (fault === 'cancelled') return { state: 'stopped', run: end({ state: 'stopped' }) };
        const advice = fault === 'crashed' && job.pruned ? 'Finished blocks are kept; Resume goes on from there.' : hint;
        return { state: 'failed', run: end({ state: 'failed', message, hint: advice }), error };
      } finally {
        events.dispose();
      }
    },
    stop() {
      if (active?.run.state !== 'running') return;
      change(active, { ...active.run, state: 'stopping' });
      active.abort.abort();
    },
    remove(id) {
      keep(list.filter((run) => run.id !== id || isActive(run)));
      tell({ run: null, isProgress: false, matrices: [], sensitivities: [] });
    },
    clear() {
      keep(list.filter(isActive));
      tell({ run: null, isProgress: false, matrices: [], sensitivities: [] });
    },
  };
}

/** Only some kinds of jobs are shown in a recipe's panel. */
function stateFrom(run: RunRecord, { progress, from }: Active): Omit<RunState, 'matrices' | 'sensitivities'> | null {
  const { kind, state, startedMs, message, hint } = run;
  if (kind === 'import' || kind === 'generate') return null;
  return { kind, state, progress, startedMs, from, message, hint };
}
