/** What is known of each slot beside its budget: its sensitivity and rank, and how its pruning came out. */

import { type Slot, sizeOf } from '../../src/methods/allocator.ts';
import { fitPrediction, type Prediction, type PredictionFit, predictSum } from '../../src/methods/predict.ts';
import { type MatrixSensitivity, ranksOf, type Sensitivity, sensitivityAt } from '../../src/methods/sensitivity.ts';
import type { SolvedMatrix } from '../../src/protocol/engine.ts';
import type { BudgetEntry } from '../../src/recipe/budget.ts';
import { type Curves, curveErrorAt, packCurves } from './curves.ts';

/** What the panel takes of a sensitivity, whether it is whole or still being measured. */
export type Findings = Pick<Sensitivity, 'gives' | 'unit' | 'matrices' | 'joint'>;

export interface SlotFacts {
  /** Of each slot, in their order; `undefined` where it was not measured. */
  readonly sensitivities: readonly (MatrixSensitivity | undefined)[];
  /** 1 = most sensitive, equal values share the least of their ranks; 0 = not measured. */
  readonly ranks: Int32Array;
  readonly nMeasured: number;
  readonly gives: Sensitivity['gives'] | null;
  /** Of the values, and of the curves' errors. */
  readonly unit: string;
  readonly curves: Curves;
  /** What the measure teaches of the model as a whole; `null` where its curves are no losses, or a slot has none. */
  readonly fit: PredictionFit | null;
}

/** @param sparsity  at which values are read from curves */
export function factsOf(slots: readonly Slot[], findings: Findings | null, sparsity: number): SlotFacts {
  const byName = new Map(findings?.matrices.map((matrix) => [matrix.name, { ...matrix, value: sensitivityAt(matrix, sparsity) }]));
  const sensitivities = slots.map(({ name }) => byName.get(name));
  const measured = slots.flatMap((_, i) => (sensitivities[i] ? [i] : []));
  const ranks = new Int32Array(slots.length);
  const ranksOfMeasured = ranksOf(measured.map((i) => sensitivities[i]!.value));
  for (const [k, i] of measured.entries()) ranks[i] = ranksOfMeasured[k];
  const isLoss = findings?.gives === 'loss' && slots.length > 0 && sensitivities.every((known) => known?.curve);
  return {
    sensitivities,
    ranks,
    nMeasured: measured.length,
    gives: findings?.gives ?? null,
    unit: findings?.unit ?? '',
    curves: packCurves(sensitivities.map((known) => known?.curve)),
    fit: isLoss ? fitPrediction(findings.joint) : null,
  };
}

/** The error that is predicted for a slot with so many zeros; `null` where no curve is known. */
export function predictedError({ curves }: SlotFacts, slot: number, sparsity: number): number | null {
  const error = curveErrorAt(curves, slot, sparsity);
  return Number.isNaN(error) ? null : error;
}

/** Something of a budget, and of its control, in which every slot has the same sparsity. */
export interface Compared<T> {
  readonly budget: T;
  readonly uniform: T;
}

/** Mean predicted error over all slots; `null` where a slot has no curve. */
export function meanErrors(slots: readonly Slot[], { curves }: SlotFacts, budget: readonly BudgetEntry[]): Compared<number> | null {
  let [zeros, weights] = [0, 0];
  for (let i = 0; i < slots.length; i++) {
    zeros += budget[i].zeros;
    weights += sizeOf(slots[i]);
  }
  let [mine, uniform] = [0, 0];
  for (let i = 0; i < slots.length; i++) {
    mine += curveErrorAt(curves, i, budget[i].zeros / sizeOf(slots[i]));
    uniform += curveErrorAt(curves, i, zeros / weights);
  }
  return Number.isNaN(mine) || slots.length === 0 ? null : { budget: mine / slots.length, uniform: uniform / slots.length };
}

/** What the whole is predicted to lose; `null` where the measure says nothing of it. */
export function predictions(slots: readonly Slot[], facts: SlotFacts, budget: readonly BudgetEntry[]): Compared<Prediction> | null {
  const { fit } = facts;
  const errors = fit && meanErrors(slots, facts, budget);
  if (!fit || !errors) return null;
  return { budget: predictSum(fit, errors.budget * slots.length), uniform: predictSum(fit, errors.uniform * slots.length) };
}

export function solvedOf(slots: readonly Slot[], matrices: readonly SolvedMatrix[]): readonly (SolvedMatrix | undefined)[] {
  const byName = new Map(matrices.map((matrix) => [matrix.name, matrix]));
  return slots.map(({ name }) => byName.get(name));
}
