/** A solver turns one linear's weight into a pruned weight. */

import type * as v from 'valibot';
import type { Mask, Matrix } from '../tensor/matrix.ts';
import type { Algebra } from './algebra.ts';
import type { Card, Options } from './card.ts';
import type { StatisticName, Statistics } from './statistics.ts';

/** How many weights go: an exact number in the whole matrix, or all but n of every m consecutive inputs of a row. */
export type Target = { readonly zeros: number } | { readonly n: number; readonly m: number };

/** How the mask comes about: given whole beforehand, or chosen by the solver as it goes, by saliency W² · c[j]. */
export type MaskChoice =
  | { readonly mask: Mask }
  | {
      readonly target: Target;
      readonly columnWeights: (hessianDiagonal: Float64Array, factorDiagonal: Float64Array) => Float64Array;
    };

export interface SolveInput<N extends StatisticName> {
  /** The tensor's name, for errors. */
  readonly name: string;
  /** The dense weight, f32 `[out, in]`; not changed. */
  readonly weight: Matrix;
  /** Where the solver starts, f32 `[out, in]`: the masked weight, or an earlier solver's result on this mask; not changed. */
  readonly start: Matrix;
  readonly choice: MaskChoice;
  readonly stats: Pick<Statistics, N>;
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

export interface Solver<O extends Options = Options, N extends StatisticName = StatisticName> extends Card<O> {
  readonly needs: readonly N[];
  /** How much of the model it is handed at once. */
  readonly scope: 'linear' | 'block' | 'model';
  /** Whether it can choose the mask as it goes; one that cannot is always given a mask. */
  readonly choosesMask: boolean;
  solve(input: SolveInput<N>, options: v.InferOutput<O>): Promise<Solved>;
}

export function defineSolver<O extends Options, const N extends StatisticName>(solver: Solver<O, N>): Solver<O, N> {
  return solver;
}

/** The mask of a solver that cannot choose one; to call it without is a bug. */
export function givenMask(choice: MaskChoice): Mask {
  if ('mask' in choice) return choice.mask;
  throw new TypeError('this solver is always given a mask');
}
