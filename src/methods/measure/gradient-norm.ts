/** Gradient norm: a matrix minds pruning by how steeply the loss on the text moves with its weights. */

import * as v from 'valibot';
import { defineModelMeasure } from '../measure.ts';
import { passageOptions } from '../passage-options.ts';

/**
 *     ‖∂L/∂W‖_F,   L the mean cross entropy over all tokens looked at
 *
 * Of a model that is trained to the end it is what noise is left, and it says how the loss moves with small changes in one direction, which
 * pruning is not; it is here to compare others with.
 */
export const gradientNorm = defineModelMeasure({
  title: 'Gradient norm',
  summary: 'Takes the norm of the gradient of the mean loss by each matrix; simple, and a weak guide to how much pruning hurts.',
  formula: '‖∂L/∂W‖_F, L = −(1/N) Σ_n log p(y_n)',
  paper: null,
  gives: 'value',
  unit: 'nats a token, by weights',
  scope: 'model',
  options: v.strictObject(passageOptions(32, 512)),
  async measureModel(lab, passage) {
    const measured = lab.slots.map(() => ({ value: 0 }));
    const onSlot = (slot: number, square: number) => {
      measured[slot] = { value: Math.sqrt(square) };
      lab.found(new Map([[slot, measured[slot]]]));
    };
    await lab.meanGradientNorms({ ...passage, onSlot });
    return { measured };
  },
});
