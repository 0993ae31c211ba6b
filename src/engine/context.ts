/** What the world lends to a run: the tensor runtime, cancellation, progress, limits. */

import { SecateurError } from '../error.ts';
import type { Algebra } from '../methods/algebra.ts';
import type { Progress } from '../protocol/data.ts';
import type { Runtime } from './runtime.ts';
import type { TextContext } from './texts.ts';

export interface Context {
  readonly runtime: Runtime;
  readonly algebra: Algebra;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** A line for whoever follows the run. */
  readonly log: (line: string) => void;
  /** Hidden states beyond a quarter of this go to a scratch file; a plan that needs more is refused. */
  readonly memoryLimitBytes: number;
  /** Where that file goes; the folder of the result, or the system's temporary one, unless given. */
  readonly scratchFolder: string | undefined;
  /** What Grams, and what is solved with them, may take in the cache folder; 0 keeps none; 2 GiB, unless given. */
  readonly gramCacheBytes?: number;
  /** Whether a job is under way beside what this is lent to, so that its times say nothing of the machine; never, unless given. */
  readonly isDisturbed?: () => boolean;
}

/** Ends a cancelled run at a place where nothing is half done. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new SecateurError('CANCELLED', 'stopped by the user');
}

/** What reading texts is lent of it. */
export function textContext({ signal, onProgress }: Context, detail: string): TextContext {
  return { signal, onProgress: (done, total) => onProgress({ step: 'tokenise', done, total, unit: 'parts', detail }) };
}
