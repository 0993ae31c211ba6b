/** The messages between the extension and its webviews. A webview has no other way to the world. */

import type { MatrixSensitivity, Sensitivity } from '../methods/sensitivity.ts';
import type { Gesture } from '../recipe/gesture.ts';
import type { Inspection, Needs, Progress } from './data.ts';
import type { Outcome, ResolvedMatrix, SolvedMatrix } from './engine.ts';
import type { Report } from './report.ts';

/** What the budget panel shows beside the recipe's text, from which it reads everything else itself. */
export interface BudgetState {
  /** The recipe's file name. */
  readonly title: string;
  readonly text: string;
  /** Counts the document's changes: what a gesture was made on. */
  readonly version: number;
  /** `false` in a workspace that is not trusted: nothing may run. */
  readonly trusted: boolean;
  /** Whether any job of this window is under way, also one of another recipe. */
  readonly busy: boolean;
  readonly checkpoint: CheckpointState;
  /** Of the recipe's measure, or of the one that it named before. */
  readonly sensitivity: Sensitivity | null;
  /** Perplexity of the unpruned checkpoint, as a run or an evaluation last found it; `null` where none is known. */
  readonly densePerplexity: number | null;
  /** From the engine's dry run; `null` while it is not known. */
  readonly needs: Needs | null;
  readonly outcome: Outcome | null;
  readonly run: RunState | null;
}

export type CheckpointState =
  | { readonly state: 'loading' }
  /** `model` names no folder that is there, or the recipe names none. */
  | { readonly state: 'missing'; readonly path: string }
  | { readonly state: 'bad'; readonly path: string; readonly message: string; readonly hint: string | null }
  | { readonly state: 'ready'; readonly inspection: Inspection };

/** The job that is under way on this recipe, or the last one of this window. */
export interface RunState {
  readonly kind: 'prune' | 'measure' | 'evaluate';
  readonly state: 'running' | 'stopping' | 'done' | 'stopped' | 'failed';
  readonly progress: Progress | null;
  /** Milliseconds since 1970 at which the job began. */
  readonly startedMs: number;
  /** From where on, and when, a step that is counted in blocks goes at its own pace; a run that goes on does not begin at 0. `null` while there is no such place. */
  readonly from: { readonly done: number; readonly atMs: number } | null;
  /** Why it failed. */
  readonly message: string | null;
  readonly hint: string | null;
  /** What is finished already, in a prune. */
  readonly matrices: readonly SolvedMatrix[];
  /** What is measured already; a matrix may get a better value. */
  readonly sensitivities: readonly MatrixSensitivity[];
}

export type BudgetAction =
  | 'measure'
  | 'prune'
  | 'stop'
  | 'resume'
  | 'evaluate'
  | 'openReport'
  | 'pickCheckpoint'
  | 'openAsText'
  | 'showLog';

export type ToBudget =
  /** The sensitivity of a large model is larger than all else together: it comes only where it is another than the last that was sent. */
  | { readonly type: 'state'; readonly state: Omit<BudgetState, 'sensitivity'>; readonly sensitivity?: BudgetState['sensitivity'] }
  /** Only what changes many times a second while a job runs; `matrices` and `sensitivities` are those that came since the last message. */
  | { readonly type: 'run'; readonly run: RunState }
  /** What became of a matrix that was to be solved alone. */
  | {
      readonly type: 'solved';
      readonly matrix: string;
      readonly sparsity: number;
      readonly answer:
        | { readonly state: 'solved'; readonly solved: ResolvedMatrix }
        /** Nothing is kept of this text that it could be solved with. */
        | { readonly state: 'no grams' }
        | { readonly state: 'failed'; readonly message: string; readonly hint: string | null };
    }
  /** A gesture that could not be carried out. */
  | { readonly type: 'refused'; readonly message: string; readonly hint: string | null };

export type FromBudget =
  | { readonly type: 'ready' }
  | { readonly type: 'gesture'; readonly gesture: Gesture }
  | { readonly type: 'action'; readonly action: BudgetAction }
  /** Solves one matrix alone; takes the place of one that is under way. */
  | { readonly type: 'solve'; readonly matrix: string; readonly sparsity: number }
  | { readonly type: 'stopSolving' }
  /** Shows a place of the recipe in the text editor; line and column count from 1. */
  | { readonly type: 'reveal'; readonly line: number; readonly column: number }
  | { readonly type: 'undo' | 'redo' };

export interface ReportState {
  /** The folder the report lies in, for a person. */
  readonly title: string;
  readonly report: Report;
  /** The other report of a comparison. */
  readonly other: { readonly title: string; readonly report: Report } | null;
  /** Whether the recipe it came from is there. */
  readonly hasRecipe: boolean;
}

export type ToReport =
  | { readonly type: 'state'; readonly state: ReportState }
  | { readonly type: 'bad'; readonly title: string; readonly message: string };

export type FromReport =
  | { readonly type: 'ready' }
  | { readonly type: 'action'; readonly action: 'copyMarkdown' | 'openRecipe' | 'compare' | 'openText' | 'reveal' };
