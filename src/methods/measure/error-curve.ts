/** Error curve: a matrix minds pruning by the output error that its least salient weights add up to. */

import * as v from 'valibot';
import { sumsOverLeast } from '../least-salient.ts';
import { defineBlockMeasure, eachLinear } from '../measure.ts';
import { obsSaliency } from '../obs-saliency.ts';
import { outputEnergy } from '../output-error.ts';
import { refuseOtherGram } from '../statistics.ts';

/** 0.05, 0.10, … 0.95. */
const sparsities = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/**
 *     e(s) = Σ of the s · out · in least  W[i,j]² / [(H + λI)⁻¹]ⱼⱼ  /  tr(W·H·Wᵀ)
 *
 * A saliency is the error that the loss of one weight adds, so the sum holds for few of them and is mostly too low for many, since every
 * weight that goes leaves the others less to make up with. What it is for is the order of the matrices, not the error itself.
 *
 * @returns  the curve; 0 throughout where the output is 0
 * @throws   `SHAPE_MISMATCH` when the gram is not `[in, in]`, `NOT_POSITIVE_DEFINITE` when no damping helps
 * @see      Hassibi and Stork 1992, "Second order derivatives for network pruning: Optimal Brain Surgeon";
 *           Frantar and Alistarh 2022, "Optimal Brain Compression", arXiv:2208.11580, which makes budgets from the errors of layers
 */
export const errorCurve = defineBlockMeasure({
  title: 'Error curve',
  summary: 'Predicts from one pass of the unpruned model which share of its output each matrix loses at every sparsity.',
  formula: 'e(s) = Σ_{least s·n} W_ij² / [(H + λI)⁻¹]_jj / tr(W H Wᵀ)',
  paper: 'arXiv:2208.11580',
  gives: 'output error',
  unit: 'of the output',
  scope: 'block',
  needs: ['gram'],
  options: v.strictObject({}),
  measureBlock: eachLinear(async ({ weight, stats: { gram }, damping, algebra }) => {
    refuseOtherGram('error-curve', gram, weight.cols);
    const { data: saliencies } = await obsSaliency(weight, gram, damping, algebra);
    const energy = await outputEnergy(weight, gram, algebra);
    const sums = sumsOverLeast(saliencies, sparsities, (at) => saliencies[at]);
    return { curve: sparsities.map((sparsity, i) => ({ sparsity, error: energy === 0 ? 0 : sums[i] / energy })) };
  }),
});
