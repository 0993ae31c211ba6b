/** Hessian trace: a matrix minds pruning by the mean curvature of the loss over all its weights. */

import * as v from 'valibot';
import { estimate } from '../estimate.ts';
import { hutchinson } from '../hutchinson.ts';
import type { CurvatureRequest } from '../lab.ts';
import { defineModelMeasure } from '../measure.ts';
import { passageOptions } from '../passage-options.ts';
import { rankAgreement } from '../rank-agreement.ts';

/** Fewer probes than these say nothing of how well they agree. */
const leastProbes = 8;

interface Settings {
  readonly probes: number;
  readonly law: CurvatureRequest['law'];
  readonly windows: number;
  readonly length: number;
  readonly agreement: number;
}

/** What the released code does for all models but OPT: one window, one probe, and no second look. */
const released: Settings = { probes: 1, law: 'rademacher', windows: 1, length: Number.MAX_SAFE_INTEGER, agreement: 1 };

/**
 *     Tr H = E zᵀHz,   H the Hessian of the mean token cross entropy by one matrix
 *
 * Hutchinson's estimator with exact Hessian-vector products. After every walk from the eighth probe on, the matrices are ranked by the even
 * and by the odd probes alone, and the measure ends where Spearman's correlation of the two is above `agreement`.
 *
 * Signs have a variance of 2(‖H‖² − Σ Hᵢᵢ²), Gaussian numbers one of 2‖H‖². The trace is summed, not averaged over the weights, as
 * MixGPT's code does and its paper does not.
 *
 * @returns  the size of the mean over probes, with its standard error; none of a single probe
 * @see      Hutchinson 1990, doi:10.1080/03610919008812866; MixGPT (Shao et al. 2024), "One-Shot Sensitivity-Aware Mixed Sparsity
 *           Pruning for Large Language Models", arXiv:2310.09499
 */
export const hessianTrace = defineModelMeasure({
  title: 'Hessian trace',
  summary: 'Estimates the trace of the loss’s Hessian by each matrix from random probes: the sensitivity that MixGPT allocates by.',
  formula: 'Tr H ≈ |mean of zᵀHz|, z_i = ±1 at random, H = ∂²L/∂W²',
  paper: 'arXiv:2310.09499',
  gives: 'value',
  unit: 'nats a token, by squared weights',
  scope: 'model',
  options: v.strictObject({
    setting: v.optional(
      v.pipe(
        v.picklist(['own', 'released']),
        v.description(
          'own: as the other options say. released: as MixGPT’s code measures (one whole window, one probe of signs, no second look), whatever the other options say. Its paper writes of Gaussian probes and does not say how many, and its script for OPT takes up to 50: for those, set the options by hand.',
        ),
      ),
      'own',
    ),
    probes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096), v.description('Random probes, at most.')), 32),
    law: v.optional(
      v.pipe(
        v.picklist(['rademacher', 'gaussian']),
        v.description('What probes are drawn from. rademacher: signs, which vary the least. gaussian: normal numbers.'),
      ),
      'rademacher',
    ),
    ...passageOptions(4, 512),
    agreement: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(1),
        v.description(
          'Ends before all probes are used, though not before the eighth, where the even and the odd ones rank the matrices this much alike (Spearman’s correlation). 1: never.',
        ),
      ),
      0.95,
    ),
  }),
  async measureModel(lab, { setting, ...own }) {
    const { probes, law, windows, length, agreement } = setting === 'released' ? released : own;
    const draws = await hutchinson(lab, {
      ...{ probes, law, windows, length, share: 1 },
      isEnough: (found) => isStable(found, agreement),
      onSlot: (slot, found) => lab.found(new Map([[slot, estimate(found)]])),
    });
    return { measured: lab.slots.map((_, slot) => estimate(draws.map((draw) => draw[slot]))) };
  },
});

function isStable(draws: readonly Float64Array[], agreement: number): boolean {
  if (draws.length < leastProbes) return false;
  const half = (parity: number) => {
    const own = draws.filter((_, i) => i % 2 === parity);
    return own[0].map((_, slot) => estimate(own.map((draw) => draw[slot])).value);
  };
  return rankAgreement(half(0), half(1)) > agreement;
}
