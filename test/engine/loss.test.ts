import { describe, expect, it } from 'vitest';
import { type Carried, createCarried } from '../../src/engine/carried.ts';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import { createRandoms } from '../../src/engine/draws.ts';
import type { Forward } from '../../src/engine/forward.ts';
import { countLossWork, type LossTask, lossGradient } from '../../src/engine/loss.ts';
import { estimate } from '../../src/methods/estimate.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { testContext } from '../support/context.ts';
import { worstDifference } from '../support/reference.ts';
import { sample } from '../support/runs.ts';
import { tinyModel } from '../support/tiny-model.ts';

const forwardOf = ({ model, weights }: Pick<Forward, 'model' | 'weights'>): Forward => ({ model, weights, ...testContext() });

/** Random states; every window has the same where `isOne`. */
function statesFor({ model }: Forward, { windows, length }: LossTask['tokens'], nTangents: number, isOne = false): Carried {
  const states = createCarried({ windows, length, width: model.hiddenSize, nTangents }, 1, testContext());
  for (const [k, store] of [states.dense, ...states.tangents].entries())
    for (let w = 0; w < windows; w++) {
      const random = createRandom(100 * k + (isOne ? 0 : w));
      store.write(
        w,
        Float32Array.from({ length: length * model.hiddenSize }, () => random.gaussian()),
      );
    }
  return states;
}

const valuesOf = (states: Carried) =>
  [states.dense, ...states.tangents].flatMap((store) => Array.from({ length: store.windows }, (_, w) => Float64Array.from(store.read(w))));

describe('the gradient of the loss', () => {
  it.each([0, 2])('is the same whether the vocabulary is taken at once or in uneven slices, with %i tangents', async (nTangents) => {
    const forward = forwardOf(await openCheckpoint(sample));
    const tokens = { ids: Int32Array.from({ length: 36 }, (_, i) => (i * 977) % 2048), windows: 3, length: 12 };
    const states = statesFor(forward, tokens, nTangents);
    const find = async (...edges: number[]) => {
      const into = createCarried({ windows: 3, length: 12, width: forward.model.hiddenSize, nTangents }, 1, testContext());
      const slices = edges.slice(1).map((to, i) => ({ from: edges[i], to }));
      let seen = 0;
      await lossGradient({ forward, tokens, labels: 'text', slices, onWindow: () => seen++ }, states, into);
      expect(seen).toBe(countLossWork({ tokens, slices }));
      return valuesOf(into);
    };
    const whole = await find(0, 2048);
    const sliced = await find(0, 700, 701, 1500, 2048);
    expect(whole).toHaveLength(3 * (1 + nTangents));
    for (const [i, values] of sliced.entries()) expect(worstDifference(values, whole[i])).toBeLessThan(1e-5);
  });

  it('has mean zero over labels drawn from the predictions, in any slices, which no other distribution gives', async () => {
    const tiny = await tinyModel(3);
    const forward = forwardOf(tiny.source);
    const tokens = { ids: new Int32Array(4000 * 3), windows: 4000, length: 3 };
    const states = statesFor(forward, tokens, 0, true);
    for (const edges of [
      [0, 7],
      [0, 1, 3, 7],
    ]) {
      const into = createCarried({ windows: tokens.windows, length: 3, width: 4, nTangents: 0 }, 1, testContext());
      const slices = edges.slice(1).map((to, i) => ({ from: edges[i], to }));
      await lossGradient({ forward, tokens, labels: createRandoms(8, tokens.windows), slices, onWindow: () => {} }, states, into);
      const found = valuesOf(into);
      for (let i = 0; i < 8; i++) {
        const { value, standardError } = estimate(found.map((values) => values[i]));
        expect(value).toBeLessThan(3.5 * standardError!);
      }
      // Nothing is asked of the last position.
      expect(found.every((values) => values.subarray(8).every((value) => value === 0))).toBe(true);
    }
  });

  it('names the window whose prediction is not a number', async () => {
    const forward = forwardOf(await openCheckpoint(sample));
    const tokens = { ids: new Int32Array(36), windows: 3, length: 12 };
    const states = statesFor(forward, tokens, 0);
    states.dense.write(1, new Float32Array(12 * forward.model.hiddenSize).fill(Number.NaN));
    const task = { forward, tokens, labels: 'text' as const, slices: [{ from: 0, to: 2048 }], onWindow: () => {} };
    await expect(lossGradient(task, states, statesFor(forward, tokens, 0))).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringContaining('window 2'),
    });
  });
});
