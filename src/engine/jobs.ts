/** The engine's heavy jobs, one at a time, each with a context that tells of it in events. */

import { SecateurError } from '../error.ts';
import type { Progress } from '../protocol/data.ts';
import type { ComputeSettings, JobEvent } from '../protocol/engine.ts';
import type { Context } from './context.ts';
import { lendContext, lendRuntime, readProvider } from './lend.ts';
import type { Runtime } from './runtime.ts';

export interface JobRequest {
  /** The name under which its events are sent. */
  readonly job: string;
  readonly compute: ComputeSettings;
}

export interface Jobs {
  /**
   * Does the work unless other work is under way.
   *
   * @param kind  what it is, for whoever is refused meanwhile
   * @throws      `BUSY`; `BAD_ARGUMENT` for settings that cannot be; what the work throws
   */
  run<T>(
    kind: string,
    request: JobRequest,
    signal: AbortSignal,
    work: (ctx: Context, tell: (event: JobEvent) => void) => Promise<T>,
  ): Promise<T>;
  /** A context for what takes moments, beside any job; it tells nothing. */
  quiet(compute: ComputeSettings, signal: AbortSignal): Context;
}

/** Between two words of progress within one step. */
const progressEveryMs = 100;

export function createJobs(send: (job: string, event: JobEvent) => void): Jobs {
  let current: string | undefined;
  let lent: { readonly key: string; readonly runtime: Runtime } | undefined;
  // Kept from job to job: its sessions for matrix products are compiled, and its speed is known.
  const runtimeFor = ({ provider = 'auto', threads }: ComputeSettings): Runtime => {
    checkWhole('threads', threads, 1, 1024);
    const key = `${provider} ${threads}`;
    if (lent?.key !== key) lent = { key, runtime: lendRuntime(readProvider(provider, 'provider'), threads) };
    return lent.runtime;
  };
  return {
    async run(kind, { job, compute }, signal, work) {
      if (current !== undefined)
        throw new SecateurError('BUSY', `the engine is at work already: ${current}`, 'Wait until that has ended, or stop it.');
      const tell = (event: JobEvent) => send(job, event);
      const onProgress = throttle((progress) => tell({ type: 'progress', progress }));
      const ctx = lendContext(runtimeFor(compute), compute, { signal, onProgress, log: (line) => tell({ type: 'log', line }) });
      current = kind;
      try {
        return await work(ctx, tell);
      } finally {
        current = undefined;
      }
    },
    quiet: (compute, signal) => ({
      ...lendContext(runtimeFor(compute), compute, { signal, onProgress: () => {}, log: () => {} }),
      isDisturbed: () => current !== undefined,
    }),
  };
}

/** `BAD_ARGUMENT` for a number that is there and not whole, or out of bounds. */
export function checkWhole(name: string, value: number | undefined, least: number, most = 2 ** 32 - 1): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new SecateurError('BAD_ARGUMENT', `${name} ${value} is not a whole number from ${least} to ${most}`);
}

/** Lets the first word of every step through, the last one, and of those between about ten a second. */
function throttle(tell: (progress: Progress) => void): (progress: Progress) => void {
  let step = '';
  let toldMs = -Infinity;
  return (progress) => {
    const isEdge = progress.step !== step || progress.done >= progress.total;
    if (!isEdge && performance.now() - toldMs < progressEveryMs) return;
    step = progress.step;
    toldMs = performance.now();
    tell(progress);
  };
}
