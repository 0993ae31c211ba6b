/** Carries the hidden states of all windows through a model, one block in memory at a time. */

import type { Model } from '../families/family.ts';
import { buildGraph } from '../graph/ir.ts';
import { throwIfCancelled } from './context.ts';
import type { HiddenStates } from './hidden.ts';
import type { Runtime, WeightFiles } from './runtime.ts';

export interface Forward {
  readonly model: Model;
  readonly weights: WeightFiles;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

/** Fills `hidden` with the embeddings of every window's tokens, ids `[windows, length]`. */
export async function embedWindows({ model, weights, runtime, signal }: Forward, tokens: Int32Array, hidden: HiddenStates): Promise<void> {
  const graph = buildGraph((builder) => {
    builder.output('hidden', model.embed(builder, builder.input('ids', [hidden.length], 'i64')));
  });
  await using program = await runtime.compile(graph, weights);
  const states = new Float32Array(hidden.length * hidden.width);
  for (let w = 0; w < hidden.windows; w++) {
    throwIfCancelled(signal);
    const ids = BigInt64Array.from(tokens.subarray(w * hidden.length, (w + 1) * hidden.length), BigInt);
    await program.run({ ids }, { hidden: states });
    hidden.write(w, states);
  }
}

/** Replaces the states entering a block by those leaving it. */
export async function runBlock(forward: Forward, block: number, hidden: HiddenStates, onWindow: (done: number) => void): Promise<void> {
  const { model, weights, runtime, signal } = forward;
  const graph = buildGraph((builder) => {
    builder.output('next', model.block(builder, block, builder.input('hidden', [hidden.length, hidden.width])).hidden);
  });
  await using program = await runtime.compile(graph, weights);
  const next = new Float32Array(hidden.length * hidden.width);
  for (let w = 0; w < hidden.windows; w++) {
    throwIfCancelled(signal);
    await program.run({ hidden: hidden.read(w) }, { next });
    hidden.write(w, next);
    onWindow(w + 1);
  }
}
