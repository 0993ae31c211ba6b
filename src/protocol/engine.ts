/** The messages between the editor and the engine's process, and the events of a job that is under way. */

import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { ErrorCode } from '../error.ts';
import type { MatrixSensitivity, Sensitivity } from '../methods/sensitivity.ts';
import type { Inspection, Plan, Progress } from './data.ts';
import type { MatrixReport, Perplexity, Report } from './report.ts';

/** What a job may use; an absent value is the engine's own choice, as on the command line. */
export interface ComputeSettings {
  readonly provider?: string;
  readonly threads?: number;
  readonly memoryLimitBytes?: number;
  readonly scratchFolder?: string;
  /** What Grams, and what is solved with them, may take in the cache folder; 0 keeps none. */
  readonly gramCacheBytes?: number;
}

/** A recipe as it stands in the editor, saved or not. */
export interface RecipeText {
  readonly text: string;
  /** The folder its paths are relative to, absolute. */
  readonly folder: string;
}

/** Every job has a name of the asker's choice, under which its events come; it is cancelled by the request's token. */
interface Job {
  readonly job: string;
  readonly compute: ComputeSettings;
}

/** What has become of a recipe's output folder so far. */
export interface Outcome {
  readonly to: string;
  /** `partial`: a run that can be resumed; `other`: one of another recipe, which cannot; `foreign`: not written by Secateur. */
  readonly state: 'absent' | 'partial' | 'other' | 'finished' | 'foreign';
}

export interface Evaluation {
  readonly perplexity: Perplexity;
  /** How the figure was taken, in a sentence. */
  readonly protocol: string;
  readonly text: string;
}

export type JobEvent =
  | { readonly type: 'progress'; readonly progress: Progress }
  /** Matrices that are finished, of this run or of the one it resumes. */
  | { readonly type: 'matrices'; readonly matrices: readonly SolvedMatrix[] }
  /** Matrices as far as they are measured; one may come again with a better value. */
  | { readonly type: 'sensitivities'; readonly matrices: readonly MatrixSensitivity[] }
  | { readonly type: 'log'; readonly line: string }
  /** A piece of generated text, to follow what came before it. */
  | { readonly type: 'text'; readonly text: string };

/** What a run knows of a matrix before the written file is read back. */
export type SolvedMatrix = Pick<MatrixReport, 'name' | 'zeros' | 'relativeError' | 'maskOnlyError' | 'damping'>;

/** A matrix that was solved by itself, with the statistics of the dense model. */
export interface ResolvedMatrix extends SolvedMatrix {
  /** That solving took. */
  readonly seconds: number;
  /** Whether the default solver stood in for the recipe's, which takes gradients or whole blocks. */
  readonly isStandIn: boolean;
}

/** What goes with an error that a user can act on; an error without it is a bug of the engine. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly hint?: string;
}

export const requests = {
  hello: new RequestType<Record<string, never>, { readonly version: string; readonly pid: number; readonly node: string }, ErrorData>(
    'hello',
  ),
  inspect: new RequestType<{ readonly folder: string }, Inspection, ErrorData>('inspect'),
  /** The budget is that of a run where the cache has what it takes; see `Plan.awaits`. */
  plan: new RequestType<RecipeText & { readonly compute: ComputeSettings; readonly cacheFolder: string }, Plan, ErrorData>('plan'),
  outcome: new RequestType<RecipeText, Outcome, ErrorData>('outcome'),
  /** Measures first where the allocator is fed and the cache has nothing for it. */
  prune: new RequestType<RecipeText & Job & { readonly fresh: boolean; readonly cacheFolder: string }, Report, ErrorData>('prune'),
  /** Measures, or reads what was measured before with the same checkpoint, text and settings from the cache. */
  measure: new RequestType<RecipeText & Job & { readonly cacheFolder: string }, Sensitivity, ErrorData>('measure'),
  /** Only what the cache has; `null` where that is nothing. */
  measured: new RequestType<RecipeText & { readonly cacheFolder: string }, Sensitivity | null, ErrorData>('measured'),
  /** Solves one matrix by itself, from the Grams that a measure has left in the cache; `null` where there are none. */
  resolve: new RequestType<
    RecipeText & {
      readonly compute: ComputeSettings;
      readonly cacheFolder: string;
      readonly matrix: string;
      readonly sparsity: number;
    },
    ResolvedMatrix | null,
    ErrorData
  >('resolve'),
  evaluate: new RequestType<
    Job & { readonly folder: string; readonly text: string; readonly field?: string; readonly length?: number; readonly windows?: number },
    Evaluation,
    ErrorData
  >('evaluate'),
  generate: new RequestType<
    Job & { readonly folder: string; readonly prompt: string; readonly tokens: number; readonly seed?: number },
    { readonly text: string },
    ErrorData
  >('generate'),
  import: new RequestType<Job & { readonly file: string; readonly to: string }, { readonly folder: string }, ErrorData>('import'),
} as const;

export const notifications = {
  event: new NotificationType<{ readonly job: string; readonly event: JobEvent }>('event'),
} as const;
