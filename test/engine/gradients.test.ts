import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../src/engine/checkpoint.ts';
import type { Context } from '../../src/engine/context.ts';
import { curvatures, eachGradient, gradientNorms, meanGradientNorms, outputGradients } from '../../src/engine/gradients.ts';
import type { Windows } from '../../src/engine/texts.ts';
import { testContext } from '../support/context.ts';
import { worstDifference } from '../support/reference.ts';
import { sample, temporaryFolder } from '../support/runs.ts';
import { readReference } from '../support/tensors.ts';

const root = new URL('../reference/', import.meta.url).pathname;
const reference = await readReference(join(root, 'model_gradients', 'reference.safetensors'));
const cases = [...new Set(Object.keys(reference).map((name) => name.split(' ')[0]))];

describe.each(cases)('derivatives of the loss of %s, against PyTorch', (name) => {
  const expected = (what: string) => reference[`${name} ${what}`].values;
  const open = async () => {
    const source = await openCheckpoint(join(root, 'families', name));
    const { input_ids: ids } = await readReference(join(root, 'families', name, 'reference.safetensors'));
    const [samples, length] = ids.shape;
    return { source, text: { ids: Int32Array.from(ids.values), samples, length } as Windows, passage: { windows: samples, length } };
  };

  it('the gradient of every matrix within 1e-4', async () => {
    const { source, text, passage } = await open();
    const seen: number[][] = source.linears.map(() => []);
    await eachGradient(source, text, { ...passage, labels: 'text', seed: 0 }, testContext(), ({ slot, window, gradient: { data } }) => {
      const step = Math.floor(data.length / 24);
      if (window === 0) seen[slot] = Array.from({ length: 24 }, (_, i) => data[i * step]);
    });
    const each = expected('gradient');
    for (const [slot, values] of seen.entries())
      expect(worstDifference(values, each.subarray(slot * 24, (slot + 1) * 24)), source.linears[slot].tensor).toBeLessThan(1e-4);
  });

  it.each(['gradient', 'gram'] as const)('its squared norm in each window within 1e-4, in the %s form', async (form) => {
    const { source, text, passage } = await open();
    const norms = await gradientNorms(source, text, { ...passage, labels: 'text', seed: 0, form }, testContext());
    expectEach(
      norms.flatMap((one) => [...one]),
      expected('norms'),
      1e-4,
    );
  });

  it('that of the mean loss within 1e-4', async () => {
    const { source, text, passage } = await open();
    expectEach(await meanGradientNorms(source, text, passage, testContext()), expected('mean'), 1e-4);
  });

  it('the mean squared gradient of every output within 1e-4', async () => {
    const { source, text, passage } = await open();
    const squares = await outputGradients(source, text, { ...passage, labels: 'text', seed: 0 }, testContext());
    expect(
      worstDifference(
        squares.flatMap((one) => [...one]),
        expected('outputs'),
      ),
    ).toBeLessThan(1e-4);
  });

  it('zᵀHz of every matrix for three probes within 1e-3 of the size of Hz', async () => {
    const { source, text, passage } = await open();
    const found = await curvatures(source, text, { ...passage, law: 'rademacher', seeds: [7, 8, 9] }, testContext());
    const [values, sizes] = [expected('curvature'), expected('product')];
    found
      .flatMap((one) => [...one])
      .forEach((value, i) => {
        expect(Math.abs(value - values[i]) / Math.max(Math.abs(values[i]), sizes[i])).toBeLessThan(1e-3);
      });
  });
});

const passes = {
  'norms by gradient': (source, text, ctx) =>
    gradientNorms(source, text, { windows: 3, length: 24, labels: 'sampled', seed: 4, form: 'gradient' }, ctx),
  'norms by gram': (source, text, ctx) =>
    gradientNorms(source, text, { windows: 3, length: 24, labels: 'text', seed: 4, form: 'gram' }, ctx),
  'norms of the mean': async (source, text, ctx) => [await meanGradientNorms(source, text, { windows: 3, length: 24 }, ctx)],
  outputs: (source, text, ctx) => outputGradients(source, text, { windows: 3, length: 24, labels: 'sampled', seed: 4 }, ctx),
  curvatures: (source, text, ctx) => curvatures(source, text, { windows: 3, length: 24, law: 'gaussian', seeds: [1, 2] }, ctx),
} satisfies Record<string, (source: Checkpoint, text: Windows, ctx: Context) => Promise<Float64Array[]>>;

describe.each(Object.entries(passes))('a pass for %s over the sample checkpoint', (_, pass) => {
  const source = openCheckpoint(sample);
  const ids = Int32Array.from({ length: 4 * 32 }, (_, i) => (i * i * 31 + 7 * i) % 2048);
  const text = { ids, samples: 4, length: 32 } as Windows;

  it('gives the same when states go through scratch files, of which nothing is left', async () => {
    const scratchFolder = join(temporaryFolder(), 'scratch');
    mkdirSync(scratchFolder);
    const onDisk = await pass(await source, text, testContext({ memoryLimitBytes: 1000, scratchFolder }));
    expect(onDisk).toEqual(await pass(await source, text, testContext()));
    expect(readdirSync(scratchFolder)).toEqual([]);
  });

  it('tells how far it is, from 0 to 1, and ends within one window of being cancelled', async () => {
    const shares: number[] = [];
    await pass(await source, text, testContext({ onProgress: ({ done }) => shares.push(done) }));
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1, 9);
    for (const last of [2, Math.floor(shares.length / 2), shares.length - 2]) {
      const controller = new AbortController();
      let seen = 0;
      const onProgress = () => {
        seen++;
        if (seen === last) controller.abort();
      };
      await expect(pass(await source, text, testContext({ signal: controller.signal, onProgress }))).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      expect(seen).toBe(last);
    }
  });
});

describe('sampled labels', () => {
  it('differ from seed to seed, and from those of the text', async () => {
    const source = await openCheckpoint(sample);
    const text = { ids: new Int32Array(64).map((_, i) => (i * 37) % 2048), samples: 2, length: 32 } as Windows;
    const norm = async (labels: 'text' | 'sampled', seed: number) =>
      (await gradientNorms(source, text, { windows: 2, length: 32, labels, seed, form: 'gradient' }, testContext()))[1][3];
    const norms = [await norm('sampled', 0), await norm('sampled', 1), await norm('text', 0)];
    expect(new Set(norms).size).toBe(3);
    expect(await norm('text', 1)).toBe(norms[2]);
  });
});

describe('what is found', () => {
  const text = { ids: new Int32Array(96).map((_, i) => (i * 37) % 2048), samples: 3, length: 32 } as Windows;

  it('is told slot by slot, the last block first, as it is given in the end', async () => {
    const source = await openCheckpoint(sample);
    const told = new Map<number, ArrayLike<number>>();
    const onSlot = (slot: number, found: Float64Array) => void told.set(slot, found);
    const norms = await gradientNorms(
      source,
      text,
      { windows: 3, length: 32, labels: 'text', seed: 0, form: 'gradient', onSlot },
      testContext(),
    );
    expect([...told.keys()].map((slot) => source.linears[slot].block)).toEqual(source.linears.map(({ block }) => block).toReversed());
    for (const [slot, found] of told) expect([...(found as Float64Array)]).toEqual(norms.map((one) => one[slot]));
    told.clear();
    const draws = await curvatures(source, text, { windows: 1, length: 32, law: 'rademacher', seeds: [3, 4], onSlot }, testContext());
    for (const [slot, found] of told) expect([...(found as Float64Array)]).toEqual(draws.map((one) => one[slot]));
    expect(told.size).toBe(source.linears.length);
  });

  it('is that of other windows where a passage starts at another one, and goes round', async () => {
    const source = await openCheckpoint(sample);
    const at = (firstWindow: number) =>
      curvatures(source, text, { windows: 2, length: 32, law: 'rademacher', seeds: [3], firstWindow }, testContext());
    const rotated = { ...text, ids: Int32Array.from([...text.ids.subarray(64), ...text.ids.subarray(0, 64)]) };
    const expected = await curvatures(source, rotated, { windows: 2, length: 32, law: 'rademacher', seeds: [3] }, testContext());
    expect(await at(2)).toEqual(expected);
    expect(await at(5)).toEqual(expected);
    expect(await at(0)).not.toEqual(expected);
  });
});

function expectEach(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(Math.abs(actual[i] / expected[i] - 1)).toBeLessThan(tolerance);
}
