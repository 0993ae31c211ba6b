/** Trace error: the mean curvature of a matrix times the size of what pruning takes from it. */

import * as v from 'valibot';
import { sizeOf } from '../allocator.ts';
import { estimate } from '../estimate.ts';
import { hutchinson } from '../hutchinson.ts';
import type { Lab, Passage } from '../lab.ts';
import { sumsOverLeast } from '../least-salient.ts';
import { curveSparsities, withTail } from '../loss-curve.ts';
import { defineModelMeasure } from '../measure.ts';
import { obsSaliency } from '../obs-saliency.ts';
import { passageOptions } from '../passage-options.ts';
import type { Measured } from '../sensitivity.ts';

/** Of the time that all takes, roughly. */
const traceShare = 0.3;

/**
 *     E(s) = ½ · tr(F) / n · ‖ΔW(s)‖²,    n = out · in
 *
 * The trace of the loss's curvature over the weights of a matrix, spread evenly over them, and the squares of the weights that go: the
 * least salient ones for Optimal Brain Surgeon. What the kept weights do to make up for them is left out.
 *
 * @throws  `NOT_POSITIVE_DEFINITE` when no damping helps
 * @see     Dong et al. 2020, "HAWQ-V2: Hessian Aware trace-Weighted Quantization of Neural Networks", arXiv:1911.03852, which ranks by
 *          trace times squared perturbation
 */
export const traceError = defineModelMeasure({
  title: 'Trace error',
  summary: 'Predicts what pruning a matrix costs the model’s loss, from the trace of its curvature and the size of the weights that go.',
  formula: 'E(s) = ½ · tr(F) / n · Σ_{least s·n by W_ij² / [(H + λI)⁻¹]_jj} W_ij²',
  paper: 'arXiv:1911.03852',
  gives: 'loss',
  unit: 'nats a token',
  scope: 'model',
  options: v.strictObject({
    trace: v.optional(
      v.pipe(
        v.picklist(['fisher', 'hessian']),
        v.description(
          'Whose trace. fisher: of the Fisher information, from gradients with labels drawn from the model’s predictions. hessian: of the Hessian of the loss on the text, from random probes.',
        ),
      ),
      'fisher',
    ),
    probes: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024), v.description('Random probes of the Hessian; fisher takes none.')),
      8,
    ),
    ...passageOptions(16, 512),
  }),
  async measureModel(lab, { trace, probes, ...passage }) {
    const traces = trace === 'fisher' ? await fisherTraces(lab, passage) : await hessianTraces(lab, passage, probes);
    lab.stage(traceShare, 1);
    const measured: Measured[] = [];
    await lab.eachBlock(['gram'], async ({ linears }) => {
      for (const { slot, weight, stats, damping, algebra } of linears) {
        const saliency = await obsSaliency(weight, stats.gram, damping, algebra);
        const lost = sumsOverLeast(saliency.data, curveSparsities, (at) => weight.data[at] ** 2);
        const scale = traces[measured.length] / (2 * sizeOf(slot));
        const found = { curve: withTail(curveSparsities.map((sparsity, i) => ({ sparsity, error: scale * lost[i] }))) };
        lab.found(new Map([[measured.length, found]]));
        measured.push(found);
      }
    });
    return { measured };
  },
});

/** Of the Fisher information of one token's loss: the mean over windows of ‖∂L/∂W‖² of the summed loss, a prediction. */
async function fisherTraces(lab: Lab, passage: Passage): Promise<Float64Array> {
  lab.stage(0, traceShare);
  const windows = await lab.gradientNorms({ ...passage, labels: 'sampled', seed: lab.seed, form: 'gradient' });
  const predictions = windows.length * (Math.min(passage.length, lab.length) - 1);
  return Float64Array.from(lab.slots, (_, slot) => windows.reduce((sum, norms) => sum + norms[slot], 0) / predictions);
}

/** An estimate may fall below zero, where it says nothing of how much a loss curves: its size is taken. */
async function hessianTraces(lab: Lab, passage: Passage, probes: number): Promise<Float64Array> {
  const draws = await hutchinson(lab, { ...passage, probes, law: 'rademacher', share: traceShare });
  return Float64Array.from(lab.slots, (_, slot) => estimate(draws.map((draw) => draw[slot])).value);
}
