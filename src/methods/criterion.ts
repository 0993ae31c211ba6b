/** A criterion gives every weight of one linear its saliency. */

import type * as v from 'valibot';
import type { Matrix } from '../tensor/matrix.ts';
import type { Algebra } from './algebra.ts';
import type { Card, Options } from './card.ts';
import type { LinearStatisticName, LinearStatistics } from './statistics.ts';

/** Among which weights saliencies are ranked. */
export type Scope = 'row' | 'matrix';

export interface ScoreInput<N extends LinearStatisticName> {
  /** f32 `[out, in]`; not changed. */
  readonly weight: Matrix;
  readonly stats: Pick<LinearStatistics, N>;
  /** Share of mean diag(H) added to the diagonal where a criterion inverts the Hessian. */
  readonly damping: number;
  readonly algebra: Algebra;
}

export interface Criterion<O extends Options = Options, N extends LinearStatisticName = LinearStatisticName> extends Card<O> {
  readonly needs: readonly N[];
  readonly scope: Scope;
  /** Saliency, f32 `[out, in]`, never negative; larger = keep. */
  score(input: ScoreInput<N>, options: v.InferOutput<O>): Matrix | Promise<Matrix>;
  /**
   * The form used inside a column sweep, where weights already carry updates: saliency = W[i,j]² · c[j].
   *
   * @param hessianDiagonal  damped diag(H), f64 `[in]`
   * @param factorDiagonal   diag(U), H⁻¹ = UᵀU, f64 `[in]`
   * @returns                c, f64 `[in]`; or `undefined` where these options ask for the static form
   */
  sequential?(
    hessianDiagonal: Float64Array,
    factorDiagonal: Float64Array,
    options: v.InferOutput<O>,
    stats: Pick<LinearStatistics, N>,
  ): Float64Array | undefined;
  /** Over how many calibration windows, the first ones, `lossGradient` is taken; present where that is needed. */
  gradientWindows?(options: v.InferOutput<O>): number;
}

/** Keeps the statistics a criterion may read to those it lists in `needs`. */
export function defineCriterion<O extends Options, const N extends LinearStatisticName>(criterion: Criterion<O, N>): Criterion<O, N> {
  return criterion;
}
