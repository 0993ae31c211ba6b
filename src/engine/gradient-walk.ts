/**
 * Derivatives of the loss through the whole model, a block in memory at a time: going up, what enters every block is stored; going down,
 * each block is computed again from that, with the cotangent of what leaves it.
 */

import type { Linear, Model } from '../families/family.ts';
import { buildGraph, type Graph, type GraphBuilder, inline, type Value } from '../graph/ir.ts';
import { reverse } from '../graph/reverse.ts';
import { tangent } from '../graph/tangent.ts';
import { type Carried, createCarried, createPile } from './carried.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Context, throwIfCancelled } from './context.ts';
import { embedWindows, type Forward } from './forward.ts';
import { vocabularySlices } from './head.ts';
import type { HiddenStates } from './hidden.ts';
import { countLossWork, type Labels, lossGradient } from './loss.ts';
import { compileGraph, compileOutputs, inputsOf } from './programs.ts';
import type { Arrays } from './runtime.ts';
import type { Tokens } from './tokens.ts';

export interface GradientWalk {
  readonly source: Pick<Checkpoint, 'model' | 'weights'>;
  readonly tokens: Tokens;
  readonly labels: Labels;
  /** Directions in the space of all prunable weights, along which everything gets a tangent; a probe draws its part of a matrix anew. */
  readonly probes: readonly ((linear: Linear) => Float32Array)[];
  /** By what the gradients are wanted: the prunable weights, or the outputs of their linears. */
  readonly by: 'weights' | 'outputs';
  /** Adds to a block's program what is read from it; called once a block, from the last to the first. */
  readonly read: (builder: GraphBuilder, values: BlockValues, block: number) => Reading;
  /** Of how much of the walk is done, in [0, 1]. */
  readonly onProgress: (share: number, detail: string) => void;
}

/** What a block's derived graph knows; the tangents only where there are probes. */
export interface BlockValues {
  /** ∂loss/∂weight `[out, in]`, where the walk is by weights. */
  gradient(linear: Linear): Value;
  /** ∂loss/∂output `[T, out]`, where the walk is by outputs. */
  outputGradient(linear: Linear): Value;
  outputGradientTangent(linear: Linear): Value;
  /** `[T, in]` */
  input(linear: Linear): Value;
  inputTangent(linear: Linear): Value;
  probe(linear: Linear): Value;
}

/** The arrays that a block's program fills for its reader, and whom to tell when it has. */
export interface Reading {
  readonly into: Readonly<Record<string, Float32Array>>;
  /** @param probe  0 where there are none */
  onRun(window: number, probe: number): void;
}

/** Going down costs about this many times as much as going up. */
const descentCost = 3;

/** @throws `NOT_FINITE` naming the window whose prediction is not a number, `CANCELLED` */
export async function walkGradients(walk: GradientWalk, ctx: Context): Promise<void> {
  const { source, tokens, probes } = walk;
  const { model, weights } = source;
  const forward: Forward = { model, weights, runtime: ctx.runtime, signal: ctx.signal };
  const create = (nTangents: number) =>
    createCarried({ windows: tokens.windows, length: tokens.length, width: model.hiddenSize, nTangents }, model.nBlocks + 2, ctx);
  const slices = vocabularySlices(model.vocabSize, tokens.length);
  const total = model.nBlocks * tokens.windows * Math.max(1, probes.length) * (1 + descentCost) + countLossWork({ tokens, slices });
  let done = 0;
  const advance = (work: number, detail: string) => {
    done += work;
    walk.onProgress(done / total, detail);
  };

  using pile = createPile<Carried>();
  // Embeddings do not depend on a prunable weight.
  let entering = pile.push(create(0));
  await embedWindows(forward, tokens.ids, entering.dense);
  for (let block = 0; block < model.nBlocks; block++) {
    const leaving = pile.push(create(probes.length));
    await ascend(walk, forward, block, entering, leaving, advance);
    entering = leaving;
  }
  using cotangent = create(probes.length);
  {
    using top = pile.pop();
    const onWindow = (detail: string) => advance(1, detail);
    await lossGradient({ forward, tokens, labels: walk.labels, slices, onWindow }, top, cotangent);
  }
  for (let block = model.nBlocks - 1; block >= 0; block--) {
    using states = pile.pop();
    await descend(walk, forward, block, states, cotangent, advance);
  }
}

type Advance = (work: number, detail: string) => void;

async function ascend(walk: GradientWalk, forward: Forward, block: number, from: Carried, to: Carried, advance: Advance): Promise<void> {
  const { model, signal } = forward;
  const { tokens, probes } = walk;
  const linears = model.linears(block);
  const graph = blockGraph(model, block, tokens.length);
  const hasTangents = probes.length > 0;
  const derived = hasTangents
    ? tangent(graph, { along: [...carriedInputs(block, 'hidden'), ...linears.map(({ tensor }) => tensor)] })
    : graph;
  await using program = await compileOutputs(derived, hasTangents ? ['next', "next'"] : ['next'], forward);
  const [next, nextTangent] = [0, 0].map(() => new Float32Array(tokens.length * model.hiddenSize));
  for (let k = 0; k < Math.max(1, probes.length); k++) {
    const directions = drawDirections(linears, probes[k]);
    for (let w = 0; w < tokens.windows; w++) {
      throwIfCancelled(signal);
      const feeds = { hidden: from.dense.read(w), ...directions, ...feedTangent("hidden'", from.tangents[k], w) };
      await program.run(feeds, hasTangents ? { next, "next'": nextTangent } : { next });
      if (k === 0) to.dense.write(w, next);
      to.tangents[k]?.write(w, nextTangent);
      advance(1, `block ${block + 1}/${model.nBlocks}, up`);
    }
  }
}

/** Replaces the cotangents of what leaves a block by those of what enters it. */
async function descend(
  walk: GradientWalk,
  forward: Forward,
  block: number,
  states: Carried,
  cotangent: Carried,
  advance: Advance,
): Promise<void> {
  const { model, signal } = forward;
  const { tokens, probes } = walk;
  const linears = model.linears(block);
  const hasTangents = probes.length > 0;
  const derived = derivedGraph(walk, model, block);
  let reading: Reading | undefined;
  await using program = await compileGraph((builder) => {
    const inputs = inputsOf(builder, derived);
    const values = inline(builder, derived, inputs);
    if (block > 0) for (const name of hasTangents ? ['∂hidden', "∂hidden'"] : ['∂hidden']) builder.output(name, values[name]);
    reading = walk.read(builder, nameValues(values, inputs), block);
  }, forward);
  const size = tokens.length * model.hiddenSize;
  const [onward, onwardTangent] = [0, 0].map(() => new Float32Array(size));
  const carriedOn = block === 0 ? {} : { '∂hidden': onward, ...(hasTangents && { "∂hidden'": onwardTangent }) };
  const shifts = noShifts(linears, tokens.length);
  for (let k = 0; k < Math.max(1, probes.length); k++) {
    const directions = drawDirections(linears, probes[k]);
    const isLast = k >= probes.length - 1;
    for (let w = 0; w < tokens.windows; w++) {
      throwIfCancelled(signal);
      const tangents = { ...feedTangent("hidden'", states.tangents[k], w), ...feedTangent("∂next'", cotangent.tangents[k], w) };
      const feeds = { hidden: states.dense.read(w), '∂next': cotangent.dense.read(w), ...tangents, ...directions, ...shifts };
      await program.run(feeds, { ...carriedOn, ...reading!.into });
      if (block > 0) cotangent.tangents[k]?.write(w, onwardTangent);
      // Every probe starts from the cotangents that came in.
      if (block > 0 && isLast) cotangent.dense.write(w, onward);
      reading!.onRun(w, k);
      advance(descentCost, `block ${block + 1}/${model.nBlocks}, down`);
    }
  }
}

function derivedGraph({ tokens, probes, by }: GradientWalk, model: Model, block: number): Graph {
  const linears = model.linears(block);
  const tensors = linears.map(({ tensor }) => tensor);
  const wrt = by === 'weights' ? tensors : tensors.map(shiftOf);
  const reversed = reverse(blockGraph(model, block, tokens.length, by), { of: ['next'], wrt: [...carriedInputs(block, 'hidden'), ...wrt] });
  if (probes.length === 0) return reversed;
  return tangent(reversed, { along: [...carriedInputs(block, 'hidden'), '∂next', ...tensors] });
}

/** What enters the first block depends on no weight that could be pruned, and nothing below it is looked at. */
function carriedInputs(block: number, name: string): string[] {
  return block === 0 ? [] : [name];
}

/** A block from `hidden` to `next`, with the inputs of its linears, `input <name>`. */
function blockGraph(model: Model, block: number, length: number, by: GradientWalk['by'] = 'weights'): Graph {
  return buildGraph((builder) => {
    const writer = by === 'outputs' ? shifted(builder, model.linears(block)) : builder;
    const values = model.block(writer, block, builder.input('hidden', [length, model.hiddenSize]));
    builder.output('next', values.hidden);
    for (const [name, value] of Object.entries(values.inputs)) builder.output(inputOf(name), value);
  });
}

/** Adds an input to the output of every linear. It is fed zeros: what it is for is its cotangent, which is that of the output. */
function shifted(builder: GraphBuilder, linears: readonly Linear[]): GraphBuilder {
  const names = new Set(linears.map(({ tensor }) => tensor));
  const tensors = new Map<number, string>();
  return {
    ...builder,
    parameter(tensor, shape, fromRow) {
      const value = builder.parameter(tensor, shape, fromRow);
      if (names.has(tensor)) tensors.set(value.id, tensor);
      return value;
    },
    op(op, inputs, attributes) {
      const output = builder.op(op, inputs, attributes);
      const tensor = op === 'linear' ? tensors.get(inputs[1].id) : undefined;
      return tensor === undefined ? output : builder.op('add', [output, builder.input(shiftOf(tensor), output.shape)], {});
    },
  };
}

function nameValues(values: Readonly<Record<string, Value>>, inputs: Readonly<Record<string, Value>>): BlockValues {
  return {
    gradient: ({ tensor }) => values[`∂${tensor}`],
    outputGradient: ({ tensor }) => values[`∂${shiftOf(tensor)}`],
    outputGradientTangent: ({ tensor }) => values[`∂${shiftOf(tensor)}'`],
    input: ({ input }) => values[inputOf(input)],
    inputTangent: ({ input }) => values[`${inputOf(input)}'`],
    probe: ({ tensor }) => inputs[`${tensor}'`],
  };
}

const shiftOf = (tensor: string) => `shift ${tensor}`;
const inputOf = (name: string) => `input ${name}`;

function noShifts(linears: readonly Linear[], length: number): Arrays {
  const zeros = new Float32Array(length * Math.max(...linears.map(({ out }) => out)));
  return Object.fromEntries(linears.map(({ tensor, out }) => [shiftOf(tensor), zeros.subarray(0, length * out)]));
}

function drawDirections(linears: readonly Linear[], probe: GradientWalk['probes'][number] | undefined): Arrays {
  return probe ? Object.fromEntries(linears.map((linear) => [`${linear.tensor}'`, probe(linear)])) : {};
}

function feedTangent(name: string, states: HiddenStates | undefined, window: number): Arrays {
  return states ? { [name]: states.read(window) } : {};
}
