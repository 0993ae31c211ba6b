/** What the engine lends to a measure that looks at the model as a whole: gradients, curvatures, and the model with matrices replaced. */

import type { Matrix } from '../tensor/matrix.ts';
import type { Algebra } from './algebra.ts';
import type { Slot } from './allocator.ts';
import type { BlockInput, LinearInput } from './measure.ts';
import type { Measured } from './sensitivity.ts';
import type { StatisticName } from './statistics.ts';

/** Windows of the calibration text that a pass reads. */
export interface Passage {
  /** From the first of the calibration windows on; as many as there are, where that is less. */
  readonly windows: number;
  /** Tokens from the start of each; the whole window, where that is less. */
  readonly length: number;
}

export interface GradientRequest extends Passage {
  /** The tokens of the text themselves, or tokens drawn at every position from the model's own predictions. */
  readonly labels: 'text' | 'sampled';
  /** Of the draws. */
  readonly seed: number;
  /** How the norm of one window is found: from the gradient itself, or from Gram matrices over positions, without a weight-sized buffer. */
  readonly form: 'gradient' | 'gram';
  /** Called with the norms of one slot over the windows as soon as they are known: the last block's first. */
  onSlot?(slot: number, norms: Float64Array): void;
}

export interface MeanGradientRequest extends Passage {
  /** Called with what is found of one slot as soon as it is known: the last block's first. */
  onSlot?(slot: number, squaredNorm: number): void;
}

export interface CurvatureRequest extends Passage {
  readonly law: 'rademacher' | 'gaussian';
  /** One probe a seed. */
  readonly seeds: readonly number[];
  /** The window that the passage starts with, 0 unless given; after the last of the calibration windows the first one follows. */
  readonly firstWindow?: number;
  /** Called with zᵀHz of one slot for each probe as soon as they are known: the last block's first. */
  onSlot?(slot: number, found: Float64Array): void;
}

/** A matrix that takes the place of a dense one in one trial. A trial may replace many, in any number of blocks. */
export interface Replacement {
  /** Trials are numbered from 0. */
  readonly trial: number;
  /** Which of the block's linears, in their order. */
  readonly linear: number;
  /** f32 `[out, in]`. */
  readonly weight: Matrix;
}

export interface TrialRequest<N extends StatisticName> extends Passage {
  /** The window that the passage starts with, 0 unless given; after the last of the calibration windows the first one follows. */
  readonly firstWindow?: number;
  /** The first and the last block in which each trial replaces anything. */
  readonly spans: readonly (readonly [first: number, last: number])[];
  /** How many weights of one linear `propose` makes at most; for telling beforehand how much memory is needed. */
  readonly versions: number;
  /** Statistics of the dense model that `propose` looks at; over all calibration windows, whatever the passage is. */
  readonly needs: readonly N[];
  /** What each trial replaces in a block. */
  propose(input: BlockInput<N>): Promise<readonly Replacement[]>;
  /** Called with what is found of a trial as soon as it is known: long before the last block is reached, for a trial that ends early. */
  onShift?(trial: number, shift: Shift): void;
}

/** How far a trial's predictions are from the dense model's, means over all tokens of the passage, nats a token. */
export interface Shift {
  /** KL divergence of the trial's predictions from the dense model's, over the whole vocabulary; exactly 0 where nothing was replaced. */
  readonly kl: number;
  /** Negative log likelihood of the text, minus the dense model's. */
  readonly nll: number;
}

/** A budget of the whole model with the recipe's total, fixed matrices and limits aside, from which a search may start. */
export interface Seed {
  /** Of what makes it, for a person. */
  readonly name: string;
  /** Of each slot. */
  readonly zeros: readonly number[];
}

export interface Lab {
  /** Every prunable linear, in the order of the checkpoint. */
  readonly slots: readonly Slot[];
  /** Calibration windows and their length. */
  readonly windows: number;
  readonly length: number;
  /** Of the recipe's calibration. */
  readonly seed: number;
  readonly damping: number;
  readonly algebra: Algebra;
  /** Looks at one block of the dense model after another; statistics are over all calibration windows. */
  eachBlock<N extends StatisticName>(needs: readonly N[], look: (input: BlockInput<N>) => Promise<void>): Promise<void>;
  /** ‖∂L/∂W‖² of every slot for each window, L the loss summed over the window's predictions: f64 `[windows][slots]`. */
  gradientNorms(request: GradientRequest): Promise<readonly Float64Array[]>;
  /** Mean over all predictions of (∂L/∂y)² of every output of a slot, y = Wx, L the loss summed over the window’s predictions, with labels as asked: f64 `[slots][out]`. */
  outputGradients(request: Omit<GradientRequest, 'form' | 'onSlot'>): Promise<readonly Float64Array[]>;
  /** ‖∂L/∂W‖² of every slot, L the mean loss over all predictions of the passage: f64 `[slots]`. */
  meanGradientNorms(request: MeanGradientRequest): Promise<Float64Array>;
  /** zᵀHz of every slot for each probe, H the Hessian of the mean loss over the passage: f64 `[probes][slots]`. */
  curvatures(request: CurvatureRequest): Promise<readonly Float64Array[]>;
  /**
   * A matrix as the recipe's solve step makes it of the dense model's statistics, rounded as the file would hold it: f32 `[out, in]`. A
   * step that takes gradients or whole blocks is stood in for by the default one.
   */
  prune(linear: LinearInput, sparsity: number): Promise<Matrix>;
  /** Runs the model with matrices replaced, a block in memory at a time; what is found of each trial. */
  tryOut<N extends StatisticName>(request: TrialRequest<N>): Promise<readonly Shift[]>;
  /** Budgets that cost nothing, and those that earlier measures lead to; the uniform one first. */
  seeds(): Promise<readonly Seed[]>;
  /** Since the measure began, this time. */
  elapsedMs(): number;
  /**
   * Keeps what is found so far, so that it can be used, and gone on from, when the measure is stopped; `state` is plain data. For a measure
   * whose card says `anytime`.
   */
  keep(measured: readonly Measured[], state: unknown): void;
  /** The state that was kept last, by a measure that differs at most in what says when it ends; anyone may have edited it. */
  kept(): unknown;
  /** For a measure of several passes: which part of the whole the next ones are, and what, for whoever watches; all of it unless told. */
  stage(from: number, to: number, title?: string): void;
  /** What is found so far, for whoever watches: a share of the whole in words, and values by the slot's index. */
  report(share: number, detail: string): void;
  found(measured: ReadonlyMap<number, Measured>): void;
}
