/** A measure says how much each matrix minds being pruned. */

import type * as v from 'valibot';
import type { Matrix } from '../tensor/matrix.ts';
import type { Algebra } from './algebra.ts';
import type { Card, Options } from './card.ts';
import type { ErrorCurve } from './error-curve.ts';
import type { StatisticName, Statistics } from './statistics.ts';

export interface MeasureInput<N extends StatisticName> {
  /** The dense weight, f32 `[out, in]`; not changed. */
  readonly weight: Matrix;
  /** Of the inputs it meets in the dense model. */
  readonly stats: Pick<Statistics, N>;
  /** Share of mean diag(H) added to the diagonal where a measure inverts the Hessian. */
  readonly damping: number;
  readonly algebra: Algebra;
}

/** What is found of one matrix, larger = more sensitive: a number, or an error that depends on the sparsity. */
export type Measured = { readonly value: number } | { readonly curve: ErrorCurve };

export interface Measure<O extends Options = Options, N extends StatisticName = StatisticName> extends Card<O> {
  readonly needs: readonly N[];
  /** Looks at one matrix by itself; what it finds can be compared with what it finds of the others. */
  measureLinear(input: MeasureInput<N>, options: v.InferOutput<O>): Promise<Measured>;
}

/** Keeps the statistics a measure may read to those it lists in `needs`. */
export function defineMeasure<O extends Options, const N extends StatisticName>(measure: Measure<O, N>): Measure<O, N> {
  return measure;
}
