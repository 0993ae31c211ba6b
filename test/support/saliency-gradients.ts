/** What PyTorch makes of the gradients that saliencies blend in; see test/reference/saliency_gradients.py. */

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import { embedWindows, type Forward, runBlock } from '../../src/engine/forward.ts';
import { createHiddenStates } from '../../src/engine/hidden.ts';
import type { Windows } from '../../src/engine/texts.ts';
import type { Matrix } from '../../src/tensor/matrix.ts';
import { testContext } from './context.ts';
import { sample } from './runs.ts';
import { readReference } from './tensors.ts';

interface Summary {
  readonly norm: number;
  readonly values: readonly number[];
}

type Summaries = Readonly<Record<string, Summary>>;

interface Reference {
  readonly block_index: number;
  readonly stride: number;
  readonly rate: number;
  readonly block: Summaries;
  readonly loss: Summaries;
  readonly regional: Summaries;
  readonly error: { readonly before: readonly number[]; readonly after: readonly number[] };
}

const folder = new URL('../reference/', import.meta.url).pathname;
export const reference: Reference = JSON.parse(readFileSync(`${folder}saliency_gradients/sample.json`, 'utf8'));

/** The sample model with the windows of the reference, as far as the block that it is of. */
export async function beginAtReference() {
  const ctx = testContext();
  const source = await openCheckpoint(sample);
  const { shape, values } = (await readReference(`${folder}sample/reference.safetensors`)).input_ids;
  const [samples, length] = shape;
  const facts = { tokens: samples * length, sha256: '', textSha256: '', description: '' };
  const windows: Windows = { ids: Int32Array.from(values), samples, length, ...facts };
  const forward: Forward = { model: source.model, weights: source.weights, runtime: ctx.runtime, signal: ctx.signal };
  const hidden = createHiddenStates({ windows: samples, length, width: source.model.hiddenSize }, ctx);
  await embedWindows(forward, windows.ids, hidden);
  for (let block = 0; block < reference.block_index; block++) await runBlock(forward, block, hidden, () => {});
  return { ctx, source, windows, forward, hidden, block: reference.block_index, linears: source.model.linears(reference.block_index) };
}

/** Every value within a share of the largest, and the norm within the same share. */
export function expectSummary(actual: Matrix, { norm, values }: Summary, share: number): void {
  const largest = Math.max(...values.map(Math.abs));
  const own = values.map((_, i) => actual.data[i * reference.stride]);
  expect(Math.max(...own.map((value, i) => Math.abs(value - values[i]))) / largest).toBeLessThan(share);
  expect(Math.abs(Math.sqrt(actual.data.reduce((sum, value) => sum + value ** 2, 0)) / norm - 1)).toBeLessThan(share);
}
