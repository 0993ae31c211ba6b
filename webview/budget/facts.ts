/** What is known of each slot beside its budget: its sensitivity and rank, and how its pruning came out. */

import type { Slot } from '../../src/methods/allocator.ts';
import { errorAt } from '../../src/methods/error-curve.ts';
import type { MatrixSensitivity, Sensitivity } from '../../src/protocol/data.ts';
import type { SolvedMatrix } from '../../src/protocol/engine.ts';
import type { BudgetEntry } from '../../src/recipe/budget.ts';

export interface SlotFacts {
  /** Of each slot, in their order; `undefined` where it was not measured. */
  readonly sensitivities: readonly (MatrixSensitivity | undefined)[];
  /** 1 = most sensitive; 0 = not measured. */
  readonly ranks: Int32Array;
  readonly nMeasured: number;
}

export function factsOf(slots: readonly Slot[], sensitivity: Sensitivity | null): SlotFacts {
  const byName = new Map(sensitivity?.matrices.map((matrix) => [matrix.name, matrix]));
  const sensitivities = slots.map(({ name }) => byName.get(name));
  const measured = slots.flatMap((_, i) => (sensitivities[i] ? [i] : []));
  const ranks = new Int32Array(slots.length);
  measured.sort((a, b) => sensitivities[b]!.value - sensitivities[a]!.value);
  for (const [place, i] of measured.entries()) ranks[i] = place + 1;
  return { sensitivities, ranks, nMeasured: measured.length };
}

export function sizeOf(slot: Slot): number {
  return slot.out * slot.in;
}

/** The error that is predicted for a slot with so many zeros; `null` where no curve is known. */
export function predictedError({ curve }: Partial<MatrixSensitivity>, sparsity: number): number | null {
  return curve && curve.length > 0 ? errorAt(curve, sparsity) : null;
}

/** Mean predicted error over all slots, of a budget and of its control, in which every slot has the same sparsity. */
export function meanErrors(
  slots: readonly Slot[],
  { sensitivities }: SlotFacts,
  budget: readonly BudgetEntry[],
): { readonly budget: number; readonly uniform: number } | null {
  let [zeros, weights] = [0, 0];
  for (let i = 0; i < slots.length; i++) {
    zeros += budget[i].zeros;
    weights += sizeOf(slots[i]);
  }
  let [mine, uniform] = [0, 0];
  for (let i = 0; i < slots.length; i++) {
    const known = sensitivities[i];
    const error = known ? predictedError(known, budget[i].zeros / sizeOf(slots[i])) : null;
    if (!known || error === null) return null;
    mine += error;
    uniform += predictedError(known, zeros / weights)!;
  }
  return { budget: mine / slots.length, uniform: uniform / slots.length };
}

export function solvedOf(slots: readonly Slot[], matrices: readonly SolvedMatrix[]): readonly (SolvedMatrix | undefined)[] {
  const byName = new Map(matrices.map((matrix) => [matrix.name, matrix]));
  return slots.map(({ name }) => byName.get(name));
}
