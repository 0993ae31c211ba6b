/** Scan: every matrix is pruned by itself, and what that does to the model’s predictions is measured. */

import * as v from 'valibot';
import type { Slot } from '../allocator.ts';
import { budgetsWith, drawBudgets, jointOption, jointTrial, type LevelBudget, spanOf } from '../joint-trials.ts';
import type { Lab, Replacement } from '../lab.ts';
import { levelOptions, levelSparsities, lossCurve } from '../loss-curve.ts';
import { defineModelMeasure, type LinearInput } from '../measure.ts';
import { passageOptions } from '../passage-options.ts';

/**
 *     E(s) = mean over tokens of KL( p(dense) ‖ p(one matrix pruned to s) )
 *
 * All trials use the statistics and the predictions of the dense model; the passage is the same for all, so that its choice cancels in
 * comparisons. Joint trials prune all matrices at once, each to one of its levels or not at all, so that they cost no further solving;
 * what they lose against the sum of the single losses is what predictions learn from.
 *
 * @see  Frantar and Alistarh 2022, "SPDY", arXiv:2201.13096, for sparsities chosen by measured single-layer losses;
 *       Sieberling et al. 2024, "EvoPress", arXiv:2410.14649, for KL divergence as what is measured
 */
export const scan = defineModelMeasure({
  title: 'Scan',
  summary: 'Prunes every matrix by itself at several sparsities and measures how far the model’s predictions move.',
  formula: 'E(s) = mean KL(p_dense ‖ p_pruned alone to s); log E linear in s between the levels',
  paper: 'arXiv:2201.13096',
  gives: 'loss',
  unit: 'nats a token',
  scope: 'model',
  prunes: true,
  options: v.strictObject({ ...levelOptions(3), ...jointOption, ...passageOptions(2, 256) }),
  async measureModel(lab, { levels, joint, ...passage }) {
    const sparsities = levelSparsities(levels);
    const budgets = drawBudgets(lab.slots, sparsities, joint, lab.seed);
    const nSingle = lab.slots.length * levels;
    const losses = lab.slots.map(() => new Float64Array(levels).fill(Number.NaN));
    const curveOf = (slot: number) => lossCurve(sparsities.map((sparsity, level) => ({ sparsity, error: losses[slot][level] })));
    const shifts = await lab.tryOut({
      ...passage,
      spans: [...spansOf(lab.slots, levels), ...budgets.map((budget) => spanOf(lab.slots, (slot) => budget[slot] >= 0))],
      versions: levels,
      needs: ['gram', 'norms', 'windows'],
      propose: ({ linears }) => proposeAll(lab, linears, sparsities, budgets),
      onShift(trial, { kl }) {
        if (trial >= nSingle) return;
        const slot = Math.floor(trial / levels);
        losses[slot][trial % levels] = kl;
        if (!losses[slot].some(Number.isNaN)) lab.found(new Map([[slot, { curve: curveOf(slot) }]]));
      },
    });
    // A matrix that has no weight left to prune was not run, and not told.
    for (let trial = 0; trial < nSingle; trial++) losses[Math.floor(trial / levels)][trial % levels] = shifts[trial].kl;
    const curves = lab.slots.map((_, slot) => curveOf(slot));
    return {
      measured: curves.map((curve) => ({ curve })),
      ...(joint > 0 && { joint: budgets.map((budget, i) => jointTrial(budget, sparsities, curves, shifts[nSingle + i])) }),
    };
  },
});

/** Single trials, slot after slot and level after level. */
function spansOf(slots: readonly Slot[], levels: number): [number, number][] {
  return slots.flatMap(({ block }) => Array.from({ length: levels }, (): [number, number] => [block, block]));
}

async function proposeAll(
  lab: Lab,
  linears: readonly LinearInput[],
  sparsities: readonly number[],
  budgets: readonly LevelBudget[],
): Promise<Replacement[]> {
  const nSingle = lab.slots.length * sparsities.length;
  const replacements: Replacement[] = [];
  for (const [linear, input] of linears.entries()) {
    const slot = lab.slots.findIndex(({ name }) => name === input.slot.name);
    for (const [level, sparsity] of sparsities.entries()) {
      const weight = await lab.prune(input, sparsity);
      const trials = [slot * sparsities.length + level, ...budgetsWith(budgets, slot, level).map((i) => nSingle + i)];
      replacements.push(...trials.map((trial) => ({ trial, linear, weight })));
    }
  }
  return replacements;
}
