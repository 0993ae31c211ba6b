import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import type { WeightFiles } from '../../src/engine/runtime.ts';
import { evaluateGraph } from '../../src/graph/evaluate.ts';
import { buildGraph, type Graph } from '../../src/graph/ir.ts';
import { reverse } from '../../src/graph/reverse.ts';
import { sizeOf } from '../../src/graph/shapes.ts';
import { tangent } from '../../src/graph/tangent.ts';
import { tensorValues } from '../support/checkpoints.ts';
import { testContext } from '../support/context.ts';
import { worstDifference } from '../support/reference.ts';
import { readReference } from '../support/tensors.ts';
import { cases, type Numbers } from './cases.ts';

const root = new URL('../reference/', import.meta.url).pathname;
const reference = await readReference(`${root}gradients/reference.safetensors`);
const caseNames = [...new Set(Object.keys(reference).map((name) => name.split('/')[0]!))];
const { runtime } = testContext();
const noWeights: WeightFiles = {
  folder: '.',
  place: (tensor) => {
    throw new Error(`no weight ${tensor}`);
  },
};

describe('gradients and Hessian-vector products of operations equal those of torch', () => {
  it.each(cases.filter(([name]) => caseNames.includes(name)))('%s', async (name, graph) => {
    const variables = graph.inputs.filter(({ value }) => value.type === 'f32').map((input) => input.name);
    const derived = derive(graph, variables);
    const feeds = drawFeeds(derived);
    expectLike(name, evaluateGraph(derived, feeds, {}), { gradients: 1e-10, products: 1e-10 });
    expectLike(name, await runOn(derived, feeds, noWeights), { gradients: 1e-4, products: 1e-3 });
  });
});

describe('gradients and Hessian-vector products of blocks equal those of torch', () => {
  it.each(caseNames.filter((name) => name.includes('-')))('%s', async (name) => {
    const [folder, block] = name.split(' ') as [string, string];
    const checkpoint = await openCheckpoint(`${root}families/${folder}`);
    const { model } = checkpoint;
    const graph = buildGraph((builder) =>
      builder.output('y', model.block(builder, Number(block), builder.input('hidden', [20, model.hiddenSize])).hidden),
    );
    const derived = derive(graph, ['hidden', ...graph.parameters.map(({ tensor }) => tensor)]);
    const feeds = drawFeeds(derived);
    const weights = Object.fromEntries(graph.parameters.map(({ tensor }) => [tensor, tensorValues(checkpoint, tensor)]));
    // The tables of cosines are rounded to float32 on both sides, and may differ by a last bit.
    expectLike(name, evaluateGraph(derived, feeds, weights), { gradients: 1e-6, products: 1e-6 });
    expectLike(name, await runOn(derived, feeds, checkpoint.weights), { gradients: 1e-4, products: 1e-3 });
  });
});

function derive(graph: Graph, names: readonly string[]): Graph {
  return tangent(reverse(graph, { of: ['y'], wrt: names }), { along: names });
}

/** What the script draws; whole numbers are its own list. */
function drawFeeds({ inputs }: Graph): Numbers {
  return Object.fromEntries(
    inputs.map(({ name, value }) => [
      name,
      name === 'ids' ? Float64Array.of(3, 0, 6, 3, 2, 5, 1, 1, 4, 3, 6) : draw(name, sizeOf(value.shape)),
    ]),
  );
}

function draw(name: string, size: number): Float64Array {
  let salt = 0;
  for (const character of name) salt = (Math.imul(salt, 31) + character.charCodeAt(0)) >>> 0;
  return Float64Array.from({ length: size }, (_, i) => {
    let h = (i + salt) >>> 0;
    for (const factor of [0x7feb352d, 0x846ca68b]) h = Math.imul(h ^ (h >>> 15), factor) >>> 0;
    h = (h ^ (h >>> 16)) >>> 0;
    return h / 2 ** 31 - 1 + (name === 'positive' ? 1.5 : 0);
  });
}

async function runOn(graph: Graph, feeds: Numbers, weights: WeightFiles): Promise<Record<string, ArrayLike<number>>> {
  await using program = await runtime.compile(graph, weights);
  const outputs = Object.fromEntries(graph.outputs.map(({ name, value }) => [name, new Float32Array(sizeOf(value.shape))]));
  const typed = Object.entries(feeds).map(([name, data]) => [
    name,
    name === 'ids' ? BigInt64Array.from(data, BigInt) : Float32Array.from(data),
  ]);
  await program.run(Object.fromEntries(typed), outputs);
  return outputs;
}

interface Tolerances {
  readonly gradients: number;
  readonly products: number;
}

/** Compares what the reference kept of each array: every n-th value. */
function expectLike(caseName: string, got: Readonly<Record<string, ArrayLike<number>>>, { gradients, products }: Tolerances): void {
  const kept = Object.entries(reference).filter(([name]) => name.startsWith(`${caseName}/`));
  expect(kept.length).toBeGreaterThan(0);
  for (const [path, { values }] of kept) {
    const name = path.slice(caseName.length + 1);
    const all = got[name]!;
    const step = Math.ceil(all.length / 40);
    const same = Array.from(values, (_, i) => all[i * step]!);
    expect(worstDifference(same, values), path).toBeLessThan(name.endsWith("'") ? products : gradients);
  }
}
