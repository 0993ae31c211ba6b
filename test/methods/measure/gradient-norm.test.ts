import * as v from 'valibot';
import { expect, it } from 'vitest';
import { gradientNorm } from '../../../src/methods/measure/gradient-norm.ts';
import { derivativesLab } from '../../support/derivatives-lab.ts';

it('is the root of the squared norm of the mean loss, told as soon as it is known', async () => {
  const { lab, seen } = derivativesLab([3, 5], {
    async meanGradientNorms({ windows, length, onSlot }) {
      expect([windows, length]).toEqual([7, 99]);
      onSlot?.(1, 16);
      expect(seen.get(1)).toEqual({ value: 4 });
      onSlot?.(0, 9);
      return Float64Array.of(9, 16);
    },
  });
  const { measured } = await gradientNorm.measureModel(lab, v.parse(gradientNorm.options, { windows: 7, length: 99 }));
  expect(measured).toEqual([{ value: 3 }, { value: 4 }]);
});
