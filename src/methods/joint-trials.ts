/** Budgets of the whole model that a measure tries on the side, from which predictions learn how single losses add up. */

import * as v from 'valibot';
import { createRandom } from '../tensor/random.ts';
import type { Slot } from './allocator.ts';
import { type ErrorCurve, errorAt } from './error-curve.ts';
import type { Shift } from './lab.ts';
import type { JointTrial } from './sensitivity.ts';

/** Which level each slot has in a trial; −1 where it is left dense. */
export type LevelBudget = readonly number[];

/** The option of a measure that makes such trials. */
export const jointOption = {
  joint: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.maxValue(200),
      v.description('How often all matrices are pruned at once, which predictions learn from; without, they have no interval.'),
    ),
    24,
  ),
};

/** The span of mean sparsities that trials cover. */
const means: readonly [number, number] = [0.3, 0.7];

/** By how much trials that lean on a kind or a depth do so: the standard deviation of a kind, half that from the first block to the last. */
const leaning = 0.1;

/**
 * Mean sparsities evenly over their span. Every other budget is as even as levels allow; the rest lean, as allocators do, on kinds and
 * depths, here at random. A sparsity between two levels becomes one of them by chance, so that it is kept in the mean.
 *
 * @param sparsities  of the levels, ascending
 */
export function drawBudgets(slots: readonly Slot[], sparsities: readonly number[], n: number, seed: number): LevelBudget[] {
  const random = createRandom(seed);
  const kinds = [...new Set(slots.map(({ kind }) => kind))];
  const nBlocks = Math.max(...slots.map(({ block }) => block)) + 1;
  return Array.from({ length: n }, (_, trial) => {
    const mean = means[0] + ((means[1] - means[0]) * (trial + 0.5)) / n;
    const lean = trial % 2 === 0 ? 0 : leaning;
    const ofKind = new Map(kinds.map((kind) => [kind, lean * random.gaussian()]));
    const withDepth = 2 * lean * random.gaussian();
    return slots.map(({ kind, block }) => {
      const wished = mean + ofKind.get(kind)! + withDepth * ((block + 0.5) / nBlocks - 0.5);
      return levelNear(wished, sparsities, random.uniform());
    });
  });
}

/** The first and the last block in which a budget prunes anything; the first one where it prunes nothing. */
export function spanOf(slots: readonly Slot[], isPruned: (slot: number) => boolean): [first: number, last: number] {
  const pruned = slots.filter((_, slot) => isPruned(slot));
  return [pruned.at(0)?.block ?? 0, pruned.at(-1)?.block ?? 0];
}

/** The budgets, by index, in which a slot has a level. */
export function budgetsWith(budgets: readonly LevelBudget[], slot: number, level: number): number[] {
  return budgets.flatMap((budget, i) => (budget[slot] === level ? [i] : []));
}

/** What a trial came to, beside what the curves of the single matrices add up to. */
export function jointTrial(
  budget: LevelBudget,
  sparsities: readonly number[],
  curves: readonly ErrorCurve[],
  { kl, nll }: Shift,
): JointTrial {
  const predicted = budget.reduce((sum, level, slot) => sum + (level < 0 ? 0 : errorAt(curves[slot], sparsities[level])), 0);
  return { predicted, kl, nll };
}

/** @param chance  uniform in [0, 1) */
function levelNear(wished: number, sparsities: readonly number[], chance: number): number {
  const next = sparsities.findIndex((sparsity) => sparsity > wished);
  if (next < 0) return sparsities.length - 1;
  const below = next === 0 ? 0 : sparsities[next - 1];
  return chance < (wished - below) / (sparsities[next] - below) ? next : next - 1;
}
