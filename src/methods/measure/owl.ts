/** Outliers: a block minds pruning by the share of its weights that are worth many times the mean. */

import * as v from 'valibot';
import { defineBlockMeasure, type LinearInput } from '../measure.ts';
import { refuseOtherLength } from '../statistics.ts';

/**
 *     D = 100 · #{A > M · mean(A)} / #A,  A[i,j] = |W[i,j]| · ‖X[:,j]‖₂
 *
 * over all matrices of a block together, each of which is given the D of its block; in percent.
 *
 * @throws  `SHAPE_MISMATCH` when `norms.length` is not `in`
 * @see     Yin et al. 2023, "Outlier Weighed Layerwise Sparsity (OWL)", arXiv:2310.05175
 */
export const owl = defineBlockMeasure({
  title: 'Outliers',
  summary: 'Counts the weights of each block that are worth many times the mean, by weight and input, as OWL does.',
  formula: 'D = 100 · #{A > M · mean(A)} / #A, A_ij = |W_ij| · ‖X_j‖₂, over a block',
  paper: 'arXiv:2310.05175',
  gives: 'value',
  unit: '% of the weights',
  scope: 'block',
  needs: ['norms'],
  options: v.strictObject({
    m: v.optional(
      v.pipe(
        v.number(),
        v.minValue(1),
        v.maxValue(100),
        v.description('M: how many times the mean an outlier is worth. 3, 5 or 7 in the paper.'),
      ),
      5,
    ),
  }),
  async measureBlock({ linears }, { m }) {
    let [sum, count] = [0, 0];
    for (const { weight, stats } of linears) {
      refuseOtherLength('owl', stats.norms, weight.cols);
      sum += sumOf({ weight, stats });
      count += weight.data.length;
    }
    const threshold = (m * sum) / count;
    const outliers = linears.reduce((total, linear) => total + countAbove(linear, threshold), 0);
    return linears.map(() => ({ value: (100 * outliers) / count }));
  },
});

type Scored = Pick<LinearInput<'norms'>, 'weight' | 'stats'>;

function sumOf({ weight: { rows, cols, data }, stats: { norms } }: Scored): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) sum += Math.abs(data[i * cols + j]) * norms[j];
  return sum;
}

function countAbove({ weight: { rows, cols, data }, stats: { norms } }: Scored, threshold: number): number {
  let count = 0;
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) if (Math.abs(data[i * cols + j]) * norms[j] > threshold) count++;
  return count;
}
