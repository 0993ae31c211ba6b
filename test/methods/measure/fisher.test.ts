import * as v from 'valibot';
import { expect, it } from 'vitest';
import type { GradientRequest } from '../../../src/methods/lab.ts';
import { fisher } from '../../../src/methods/measure/fisher.ts';
import { derivativesLab } from '../../support/derivatives-lab.ts';

const norms = [Float64Array.of(10, 4), Float64Array.of(30, 4), Float64Array.of(20, 4)];

async function measure(options: object, length = 2048) {
  let asked: GradientRequest | undefined;
  const { lab, seen } = derivativesLab([3, 5], {
    length,
    async gradientNorms(request) {
      asked = request;
      for (const slot of [1, 0])
        request.onSlot?.(
          slot,
          Float64Array.from(norms, (one) => one[slot]),
        );
      return norms;
    },
  });
  const { measured } = await fisher.measureModel(lab, v.parse(fisher.options, options));
  return { measured, seen, asked: asked! };
}

it('is the mean over windows of the squared norm a prediction, with the standard error of the windows', async () => {
  const { measured } = await measure({ length: 11 });
  expect(measured).toEqual([
    { value: 2, standardError: expect.closeTo(Math.sqrt(1 / 3), 12) },
    { value: expect.closeTo(0.4, 12), standardError: expect.closeTo(0, 12) },
  ]);
});

it('counts the predictions of windows that are shorter than asked for', async () => {
  const { measured } = await measure({ length: 512 }, 5);
  expect(measured[0]).toMatchObject({ value: 5 });
});

it('tells of each matrix as soon as it is known', async () => {
  const { measured, seen } = await measure({});
  expect([...seen.keys()]).toEqual([1, 0]);
  for (const [slot, found] of seen) expect(found).toEqual(measured[slot]);
});

it('draws its labels from the model unless told otherwise, with the seed of the calibration', async () => {
  expect((await measure({})).asked).toMatchObject({ labels: 'sampled', form: 'gradient', windows: 32, length: 512, seed: 3 });
  expect((await measure({ labels: 'text', form: 'gram' })).asked).toMatchObject({ labels: 'text', form: 'gram' });
});
