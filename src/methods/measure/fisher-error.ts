/** Fisher error: the output error of every matrix, weighed by how much the loss minds each of its outputs. */

import * as v from 'valibot';
import type { ErrorCurve } from '../error-curve.ts';
import { budgetsWith, drawBudgets, jointOption, jointTrial, spanOf } from '../joint-trials.ts';
import type { Replacement } from '../lab.ts';
import { levelOptions, levelSparsities, lossCurve } from '../loss-curve.ts';
import { defineModelMeasure } from '../measure.ts';
import { rowErrors } from '../output-error.ts';
import { passageOptions } from '../passage-options.ts';

/** Of the time that all takes, roughly. */
const gradientShare = 0.15;

/** What joint trials read: as much as a scan does. */
const jointPassage = { windows: 2, length: 256 };

/**
 *     E(s) = ½ · Σᵢ E[gᵢ²] · ΔWᵢ·H·ΔWᵢᵀ / T,    gᵢ = ∂L/∂yᵢ of the outputs y = W·x
 *
 * The second-order loss ½·ΔWᵀ·F·ΔW with the Fisher information F of one token's loss taken as a product of the mean square of each
 * output's gradient and the inputs' second moment H/T. The labels are drawn from the model's own predictions, so that F is the curvature
 * of the KL divergence to them, and the unit is the same as a scan's. ΔW is what the recipe's solve step does to the matrix: the sums of
 * saliencies that would come for nothing are too low by so different factors for different matrices that budgets made of them are
 * little better than uniform ones. Joint trials are made as by a scan.
 *
 * @see  Martens and Grosse 2015, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", arXiv:1503.05671
 */
export const fisherError = defineModelMeasure({
  title: 'Fisher error',
  summary: 'Predicts what pruning a matrix costs the model’s loss, from one pass of gradients and the errors of its outputs.',
  formula: 'E(s) = ½ Σ_i E[g_i²] · ΔW_i H ΔW_iᵀ / T, ΔW of the recipe’s solve at s; log E linear in s between the levels',
  paper: 'arXiv:1503.05671',
  gives: 'loss',
  unit: 'nats a token',
  scope: 'model',
  prunes: true,
  options: v.strictObject({ ...levelOptions(4), ...jointOption, ...passageOptions(16, 512) }),
  async measureModel(lab, { levels, joint, ...passage }) {
    lab.stage(0, gradientShare);
    const gradients = await lab.outputGradients({ ...passage, labels: 'sampled', seed: lab.seed });
    lab.stage(gradientShare, 1);
    const tokens = lab.windows * lab.length;
    const sparsities = levelSparsities(levels);
    const budgets = drawBudgets(lab.slots, sparsities, joint, lab.seed);
    const curves: ErrorCurve[] = [];
    const shifts = await lab.tryOut({
      ...jointPassage,
      spans: budgets.map((budget) => spanOf(lab.slots, (slot) => budget[slot] >= 0)),
      versions: levels,
      needs: ['gram', 'norms', 'windows'],
      async propose({ linears }) {
        const replacements: Replacement[] = [];
        for (const [linear, input] of linears.entries()) {
          const slot = curves.length;
          const losses: number[] = [];
          for (const [level, sparsity] of sparsities.entries()) {
            const weight = await lab.prune(input, sparsity);
            const errors = await rowErrors(input.weight, weight, input.stats.gram, input.algebra);
            losses.push(dot(errors, gradients[slot]) / (2 * tokens));
            replacements.push(...budgetsWith(budgets, slot, level).map((trial) => ({ trial, linear, weight })));
          }
          const curve = lossCurve(sparsities.map((sparsity, level) => ({ sparsity, error: losses[level] })));
          curves.push(curve);
          lab.found(new Map([[slot, { curve }]]));
        }
        return replacements;
      },
    });
    return {
      measured: curves.map((curve) => ({ curve })),
      ...(joint > 0 && { joint: budgets.map((budget, i) => jointTrial(budget, sparsities, curves, shifts[i])) }),
    };
  },
});

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
