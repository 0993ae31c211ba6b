/** Collects the statistics of a block's linears from the hidden states that enter it. */

import type { Linear } from '../families/family.ts';
import { feeding } from '../graph/feed.ts';
import { buildGraph } from '../graph/ir.ts';
import type { Statistics } from '../methods/statistics.ts';
import { createMatrix } from '../tensor/matrix.ts';
import { throwIfCancelled } from './context.ts';
import type { Forward } from './forward.ts';
import type { HiddenStates } from './hidden.ts';

export interface CalibrateOptions {
  /** The names of the block values whose statistics are wanted. What no one asked for is not computed. */
  readonly inputs: readonly string[];
  /** Whether the states leaving the block replace those entering it in the same pass. */
  readonly passOn: boolean;
  readonly onWindow: (done: number) => void;
  /** Weights that take the place of those in the files, f32 row-major, by tensor. */
  readonly replaced?: Readonly<Record<string, Float32Array>>;
}

/** The block values that linears read, each once. */
export function inputsOf(linears: readonly Pick<Linear, 'input'>[]): string[] {
  return [...new Set(linears.map((linear) => linear.input))];
}

/** The statistics of each input named, over all windows, by name. */
export async function calibrate(
  forward: Forward,
  block: number,
  hidden: HiddenStates,
  options: CalibrateOptions,
): Promise<Map<string, Statistics>> {
  const { model, weights, runtime, signal } = forward;
  const strips: (Strip & { readonly input: string; readonly name: string; readonly sum: Float32Array })[] = [];
  const widths = new Map<string, number>();
  const fed = new Set(Object.keys(options.replaced ?? {}));
  const graph = buildGraph((builder) => {
    const values = model.block(feeding(builder, fed), block, builder.input('hidden', [hidden.length, hidden.width]));
    if (options.passOn) builder.output('next', values.hidden);
    for (const input of options.inputs) {
      const x = values.inputs[input];
      const width = x.shape[1];
      widths.set(input, width);
      for (const { from, to } of gramStrips(width)) {
        const name = `${input} ${from}`;
        const shape = [to - from, width - from];
        strips.push({ input, name, from, to, sum: new Float32Array(shape[0] * shape[1]) });
        builder.output(`${name} sum`, builder.op('gram', [x, builder.input(name, shape)], { from, to }));
      }
    }
  });

  // Weights that only feed what nobody reads are not inputs.
  const replaced = Object.fromEntries(graph.inputs.flatMap(({ name }) => (fed.has(name) ? [[name, options.replaced![name]]] : [])));
  await using program = await runtime.compile(graph, weights);
  const next = new Float32Array(options.passOn ? hidden.length * hidden.width : 0);
  // Each strip is fed and fetched in one buffer: the runtime adds a window's products to it in place.
  const sums = Object.fromEntries(strips.map(({ name, sum }) => [name, sum]));
  const into = { ...Object.fromEntries(strips.map(({ name, sum }) => [`${name} sum`, sum])), ...(options.passOn ? { next } : {}) };
  for (let w = 0; w < hidden.windows; w++) {
    throwIfCancelled(signal);
    await program.run({ hidden: hidden.read(w), ...sums, ...replaced }, into);
    if (options.passOn) hidden.write(w, next);
    options.onWindow(w + 1);
  }
  return new Map(
    [...widths].map(([input, width]) => [
      input,
      assemble(
        width,
        strips.filter((strip) => strip.input === input),
        hidden.windows,
      ),
    ]),
  );
}

interface Strip {
  readonly from: number;
  readonly to: number;
}

/** Rows of the upper half, 384 or a little fewer at a time: wider ones compute more twice, narrower ones run slower. */
function gramStrips(width: number): Strip[] {
  const n = Math.ceil(width / 384);
  const edge = (i: number) => Math.round((i * width) / n);
  return Array.from({ length: n }, (_, i) => ({ from: edge(i), to: edge(i + 1) }));
}

function assemble(width: number, strips: readonly (Strip & { readonly sum: Float32Array })[], windows: number): Statistics {
  const gram = createMatrix(width, width);
  for (const { from, to, sum } of strips)
    for (let i = from; i < to; i++)
      for (let j = i; j < width; j++) {
        const value = sum[(i - from) * (width - from) + j - from];
        gram.data[i * width + j] = value;
        gram.data[j * width + i] = value;
      }
  return { gram, norms: Float32Array.from({ length: width }, (_, j) => Math.sqrt(gram.data[j * width + j])), windows };
}
