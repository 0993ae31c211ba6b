/** Fisher: a matrix minds pruning by how steeply the likelihood of what the model says itself moves with its weights. */

import * as v from 'valibot';
import { estimate } from '../estimate.ts';
import { defineModelMeasure } from '../measure.ts';
import { passageOptions } from '../passage-options.ts';

/**
 *     Tr F = E ‖∂(−log p(y | x))/∂W‖²      a token
 *
 * With labels y drawn at every position from the model's own predictions it is the trace of the Gauss-Newton part of the Hessian, and needs
 * first derivatives only. The gradient of a window's summed loss is enough: the products of two positions' gradients vanish in
 * expectation, so its squared norm over the number of predictions is an estimate for one token. With the text's own labels they do not, and
 * this is the empirical Fisher of whole windows.
 *
 * @returns  the mean over windows; its standard error is that of the windows
 * @see      Martens 2020, "New insights and perspectives on the natural gradient method", arXiv:1412.1193
 */
export const fisher = defineModelMeasure({
  title: 'Fisher trace',
  summary: 'Sums the squared gradients of the log likelihood over each matrix: a cheap stand-in for the trace of its Hessian.',
  formula: 'Tr F = (1/T) · mean over windows of ‖∂(−Σ_t log p(y_t))/∂W‖²_F, y_t drawn from p',
  paper: 'arXiv:1412.1193',
  gives: 'value',
  unit: 'nats a token, by squared weights',
  scope: 'model',
  options: v.strictObject({
    labels: v.optional(
      v.pipe(
        v.picklist(['sampled', 'text']),
        v.description(
          'sampled: the true Fisher, with tokens drawn from the model’s own predictions. text: the empirical one, with the tokens of the text.',
        ),
      ),
      'sampled',
    ),
    form: v.optional(
      v.pipe(
        v.picklist(['gradient', 'gram']),
        v.description(
          'How the norm of a gradient is found; both give the same. gradient: from the gradient itself. gram: from two matrices over positions, which takes less time and memory where matrices are much wider than windows are long.',
        ),
      ),
      'gradient',
    ),
    ...passageOptions(32, 512),
  }),
  async measureModel(lab, { labels, form, windows, length }) {
    const predictions = Math.min(length, lab.length) - 1;
    const measuredOf = (norms: Float64Array) => estimate(norms.map((norm) => norm / predictions));
    const measured = lab.slots.map(() => ({ value: 0 }));
    const onSlot = (slot: number, norms: Float64Array) => {
      measured[slot] = measuredOf(norms);
      lab.found(new Map([[slot, measured[slot]]]));
    };
    await lab.gradientNorms({ labels, form, windows, length, seed: lab.seed, onSlot });
    return { measured };
  },
});
