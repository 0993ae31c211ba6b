import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import type { WeightFiles } from '../../src/engine/runtime.ts';
import { type Arrays, evaluateGraph } from '../../src/graph/evaluate.ts';
import { buildGraph, type Graph } from '../../src/graph/ir.ts';
import { reverse } from '../../src/graph/reverse.ts';
import { sizeOf } from '../../src/graph/shapes.ts';
import { tangent } from '../../src/graph/tangent.ts';
import { tensorValues } from '../support/checkpoints.ts';
import { testContext } from '../support/context.ts';
import { worstDifference } from '../support/reference.ts';
import { attention, cases, drawFeeds, generator, graphOf } from './cases.ts';

const { runtime } = testContext();
const noWeights: WeightFiles = {
  folder: '.',
  place: (tensor) => {
    throw new Error(`no weight ${tensor}`);
  },
};

/** Lengths and head sizes at which the runtime's own kernel goes other ways. */
const kernelCases = [
  [13, 6, 3, 10, 4],
  [13, 3, 3, 20, 1],
  [29, 4, 2, 8],
  [29, 4, 1, 16, 5],
  [29, 5, 5, 32, 1],
  [29, 6, 3, 24, 40],
  [1030, 2, 1, 8],
  [1100, 2, 2, 8, 600],
  [1100, 2, 1, 8, 100],
].map((sizes) => [`attention ${sizes.join(' ')}`, graphOf(attention(sizes))] as const);

describe('on the runtime, every operation equals its float64 definition', () => {
  it.each([...cases, ...kernelCases])('%s', async (_, graph) => {
    expect(await worstOnRuntime(graph)).toBeLessThan(2e-6);
  });
});

describe('on the runtime, what is derived from every operation equals its float64 definition', () => {
  it.each(cases)('%s', async (_, graph) => {
    const wrt = graph.inputs.filter(({ value }) => value.type === 'f32').map(({ name }) => name);
    expect(await worstOnRuntime(tangent(reverse(graph, { of: ['y'], wrt }), { along: wrt }))).toBeLessThan(1e-5);
  });
});

/** Longer than a chunk of queries, and than the attention window of the last two. */
describe('on the runtime, what is derived from a whole block equals its float64 definition', () => {
  it.each(['llama-plain', 'mistral-window', 'qwen3-window'])('%s', async (folder) => {
    const checkpoint = await openCheckpoint(new URL(`../reference/families/${folder}`, import.meta.url).pathname);
    const block = buildGraph((builder) =>
      builder.output('y', checkpoint.model.block(builder, 1, builder.input('hidden', [70, checkpoint.model.hiddenSize])).hidden),
    );
    const wrt = ['hidden', ...checkpoint.model.linears(1).map(({ tensor }) => tensor)];
    const derived = tangent(reverse(block, { of: ['y'], wrt }), { along: wrt });
    const weights = Object.fromEntries(block.parameters.map(({ tensor }) => [tensor, tensorValues(checkpoint, tensor)]));
    expect(await worstOnRuntime(derived, checkpoint.weights, weights)).toBeLessThan(2e-4);
  });
});

/** The largest difference of an output from its float64 value, as a share of the largest of its values where that is above one. */
async function worstOnRuntime(graph: Graph, files: WeightFiles = noWeights, weights: Arrays = {}): Promise<number> {
  const numbers = drawFeeds(graph, generator(graph.nodes.length));
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, value }) => [
      name,
      value.type === 'i64' ? BigInt64Array.from(numbers[name], BigInt) : Float32Array.from(numbers[name]),
    ]),
  );
  const rounded = Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, Array.from(data, Number)]));
  const outputs = Object.fromEntries(graph.outputs.map(({ name, value }) => [name, new Float32Array(sizeOf(value.shape))]));
  await using program = await runtime.compile(graph, files);
  await program.run(feeds, outputs);
  const expected = evaluateGraph(graph, rounded, weights);
  const worst = graph.outputs.map(({ name }) => {
    const largest = Math.max(...expected[name]!.map(Math.abs));
    return worstDifference(outputs[name]!, expected[name]!) * Math.min(1, largest || 1);
  });
  return Math.max(...worst);
}
