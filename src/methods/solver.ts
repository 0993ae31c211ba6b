/** A solver turns weights into pruned weights: those of one linear, or those of a decoder block together. */

import type * as v from 'valibot';
import type { Mask, Matrix } from '../tensor/matrix.ts';
import type { Random } from '../tensor/random.ts';
import type { Algebra } from './algebra.ts';
import type { Card, Options } from './card.ts';
import type { LinearStatisticName, LinearStatistics } from './statistics.ts';

/** How many weights go: an exact number in the whole matrix, or all but n of every m consecutive inputs of a row. */
export type Target = { readonly zeros: number } | { readonly n: number; readonly m: number };

/** How the mask comes about: given whole beforehand, or chosen by the solver as it goes, by saliency W² · c[j]. */
export type MaskChoice =
  | { readonly mask: Mask }
  | {
      readonly target: Target;
      readonly columnWeights: (hessianDiagonal: Float64Array, factorDiagonal: Float64Array) => Float64Array;
    };

export interface SolveInput<N extends LinearStatisticName> {
  /** The tensor's name, for errors. */
  readonly name: string;
  /** The dense weight, f32 `[out, in]`; not changed. */
  readonly weight: Matrix;
  /** Where the solver starts, f32 `[out, in]`: the masked weight, or an earlier solver's result on this mask; not changed. */
  readonly start: Matrix;
  readonly choice: MaskChoice;
  readonly stats: Pick<LinearStatistics, N>;
  /** Share of mean diag(H) added to the diagonal. */
  readonly damping: number;
  readonly algebra: Algebra;
}

export interface Solved {
  /** f32 `[out, in]`; pruned entries are exactly 0. */
  readonly weight: Matrix;
  readonly mask: Mask;
  /** The damping that was used; 0 where none was needed. */
  readonly damping: number;
}

export interface LinearSolver<O extends Options = Options, N extends LinearStatisticName = LinearStatisticName> extends Card<O> {
  readonly scope: 'linear';
  readonly needs: readonly N[];
  /** Whether it can choose the mask as it goes; one that cannot is always given a mask. */
  readonly choosesMask: boolean;
  solve(input: SolveInput<N>, options: v.InferOutput<O>): Promise<Solved>;
}

/** A linear of a block that is pruned; those that are left as they are stay out of the solver's sight. */
export interface BlockLinear {
  /** The tensor's name, for errors. */
  readonly name: string;
  /** The dense weight, f32 `[out, in]`; not changed. */
  readonly weight: Matrix;
}

/** What the engine lends to a block solver. Weights are one a linear, in their order: f32 `[out, in]`. */
export interface Region {
  /** Calibration windows. */
  readonly windows: number;
  /**
   * ‖f(X; V) − f(X; W)‖², f the block, X the states of one window that enter it, W its dense weights.
   *
   * @param weights    V
   * @param gradients  written: ∂/∂V, one a linear
   */
  outputError(window: number, weights: readonly Matrix[], gradients: readonly Matrix[]): Promise<number>;
  /** The masks that the recipe's criterion gives these weights on what they make of the inputs, with the zeros of each linear exact. */
  chooseMasks(weights: readonly Matrix[]): Promise<readonly Mask[]>;
}

export interface BlockSolveInput {
  readonly linears: readonly BlockLinear[];
  readonly region: Region;
  /** Draws from it are this block's own. */
  readonly random: Random;
  /** How much of the work is done, 0 to 1. */
  readonly report: (share: number) => void;
}

export interface BlockSolver<O extends Options = Options> extends Card<O> {
  readonly scope: 'block';
  /** How often it will ask its region, by which the time it takes is told beforehand. */
  calls(options: v.InferOutput<O>): { readonly [K in 'outputErrors' | 'chooseMasks']: number };
  /** One a linear, in their order. */
  solve(input: BlockSolveInput, options: v.InferOutput<O>): Promise<readonly Solved[]>;
}

export type Solver<O extends Options = Options> = LinearSolver<O> | BlockSolver<O>;

/** Keeps the statistics a solver may read to those it lists in `needs`. */
export function defineSolver<O extends Options, const N extends LinearStatisticName>(solver: LinearSolver<O, N>): LinearSolver<O, N> {
  return solver;
}

export function defineBlockSolver<O extends Options>(solver: BlockSolver<O>): BlockSolver<O> {
  return solver;
}

/** The mask of a solver that cannot choose one; to call it without is a bug. */
export function givenMask(choice: MaskChoice): Mask {
  if ('mask' in choice) return choice.mask;
  throw new TypeError('this solver is always given a mask');
}
