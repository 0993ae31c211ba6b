/** A measure says how much each matrix minds being pruned: by a look at one block after another, or at the model as a whole. */

import type * as v from 'valibot';
import type { Matrix } from '../tensor/matrix.ts';
import type { Algebra } from './algebra.ts';
import type { Slot } from './allocator.ts';
import type { Card, Options } from './card.ts';
import type { Lab } from './lab.ts';
import type { Gives, JointTrial, Measured } from './sensitivity.ts';
import type { StatisticName, Statistics } from './statistics.ts';

export interface LinearInput<N extends StatisticName = StatisticName> {
  readonly slot: Slot;
  /** The dense weight, f32 `[out, in]`; not changed. */
  readonly weight: Matrix;
  /** Of the inputs it meets in the dense model; only those that the measure needs are there. */
  readonly stats: Pick<Statistics, N>;
  /** Share of mean diag(H) added to the diagonal where a measure inverts the Hessian. */
  readonly damping: number;
  readonly algebra: Algebra;
}

export interface BlockInput<N extends StatisticName = StatisticName> {
  readonly block: number;
  /** Blocks of the model. */
  readonly nBlocks: number;
  /** In the order of the model. */
  readonly linears: readonly LinearInput<N>[];
}

interface MeasureCard<O extends Options> extends Card<O> {
  readonly gives: Gives;
  /** Of its values, for a person: `nats a token`. */
  readonly unit: string;
}

export interface BlockMeasure<O extends Options = Options, N extends StatisticName = StatisticName> extends MeasureCard<O> {
  readonly scope: 'block';
  /** None: the calibration text is not read at all. */
  readonly needs: readonly N[];
  /** What is found of each linear of a block, in their order; it can be compared with what is found of other blocks. */
  measureBlock(input: BlockInput<N>, options: v.InferOutput<O>): Promise<readonly Measured[]>;
}

export interface ModelMeasure<O extends Options = Options> extends MeasureCard<O> {
  readonly scope: 'model';
  /** Whether it asks the lab to prune, so that what it finds depends on the recipe's solve step. */
  readonly prunes?: boolean;
  /**
   * Present where it betters what it has found for as long as it is let, at the recipe's own sparsity: what it keeps on its way can be used,
   * and is gone on from.
   */
  readonly anytime?: {
    /** Its options that only say when it ends. */
    readonly ends: readonly string[];
  };
  /** What is found of each slot, in their order. */
  measureModel(lab: Lab, options: v.InferOutput<O>): Promise<Findings>;
}

export interface Findings {
  readonly measured: readonly Measured[];
  readonly joint?: readonly JointTrial[];
}

export type Measure<O extends Options = Options> = BlockMeasure<O> | ModelMeasure<O>;

/** Whether it looks at the calibration text at all. */
export function readsText(measure: Measure): boolean {
  return measure.scope === 'model' || measure.needs.length > 0;
}

/** Keeps the statistics a measure may read to those it lists in `needs`. */
export function defineBlockMeasure<O extends Options, const N extends StatisticName>(measure: BlockMeasure<O, N>): BlockMeasure<O, N> {
  return measure;
}

export function defineModelMeasure<O extends Options>(measure: ModelMeasure<O>): ModelMeasure<O> {
  return measure;
}

/** `measureBlock` of a measure that looks at each linear by itself; an error of it names the matrix. */
export function eachLinear<N extends StatisticName, O>(
  measureLinear: (input: LinearInput<N>, options: O, block: BlockInput<N>) => Measured | Promise<Measured>,
): (input: BlockInput<N>, options: O) => Promise<readonly Measured[]> {
  return async (input, options) => {
    const found: Measured[] = [];
    for (const linear of input.linears) found.push(await measureLinear(linear, options, input));
    return found;
  };
}
