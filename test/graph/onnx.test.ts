import { describe, expect, it } from 'vitest';
import { createRuntime } from '../../src/engine/runtime.ts';
import { evaluateGraph } from '../../src/graph/evaluate.ts';
import { buildGraph, type GraphBuilder, type Value } from '../../src/graph/ir.ts';
import type { OpName } from '../../src/graph/ops.ts';
import { sizeOf } from '../../src/graph/shapes.ts';

const runtime = createRuntime({ provider: 'cpu', threads: 1 });
const noWeights = {
  folder: '.',
  place: (tensor: string) => {
    throw new Error(`no weight ${tensor}`);
  },
};

/** Every case writes one op over inputs of the shapes it names; `ids` are indices below 7. */
const cases: { readonly [K in OpName]: readonly ((graph: GraphBuilder, x: (name: string, ...shape: number[]) => Value) => Value)[] } = {
  add: [(graph, x) => graph.op('add', [x('a', 5, 7), x('b', 5, 7)], {})],
  attention: [
    [13, 4, 2, 6, undefined],
    [13, 6, 3, 10, 4],
    [13, 3, 3, 20, 1],
    [29, 4, 2, 8, undefined],
    [29, 4, 1, 16, 5],
    [29, 5, 5, 32, 1],
    [29, 6, 3, 24, 40],
    [1030, 2, 1, 8, undefined],
    [1100, 2, 2, 8, 600],
    [1100, 2, 1, 8, 100],
  ].map(
    ([length, heads, kvHeads, dim, window]) =>
      (graph: GraphBuilder, x: (name: string, ...shape: number[]) => Value) =>
        graph.op('attention', [x('q', length!, heads! * dim!), x('k', length!, kvHeads! * dim!), x('v', length!, kvHeads! * dim!)], {
          heads: heads!,
          kvHeads: kvHeads!,
          scale: 0.37,
          ...(window ? { window } : {}),
        }),
  ),
  gather: [(graph, x) => graph.op('gather', [x('table', 7, 5), graph.input('ids', [11], 'i64')], {})],
  gram: [
    (graph, x) => graph.op('gram', [x('x', 9, 11), x('c', 11, 11)], { from: 0, to: 11 }),
    (graph, x) => graph.op('gram', [x('x', 9, 11), x('c', 4, 8)], { from: 3, to: 7 }),
  ],
  linear: [
    (graph, x) => graph.op('linear', [x('x', 9, 5), x('w', 7, 5)], {}),
    (graph, x) => graph.op('linear', [x('x', 9, 5), x('w', 7, 5), x('b', 7)], {}),
  ],
  logSumExp: [(graph, x) => graph.op('logSumExp', [x('x', 5, 13)], {})],
  mul: [(graph, x) => graph.op('mul', [x('a', 5, 7), x('b', 5, 7)], {})],
  pick: [(graph, x) => graph.op('pick', [x('x', 11, 7), graph.input('ids', [11], 'i64')], {})],
  reshape: [(graph, x) => graph.op('reshape', [x('x', 6, 10)], { shape: [6, 2, 5] })],
  rmsNorm: [
    (graph, x) => graph.op('rmsNorm', [x('x', 5, 7), x('w', 7)], { epsilon: 1e-3 }),
    (graph, x) => graph.op('rmsNorm', [x('x', 5, 3, 7), x('w', 7)], { epsilon: 1e-3 }),
  ],
  rope: [3, 10, 16].map(
    (half) => (graph: GraphBuilder, x: (name: string, ...shape: number[]) => Value) =>
      graph.op('rope', [x('x', 9, 3 * 2 * half), x('cos', 9, half), x('sin', 9, half)], { heads: 3 }),
  ),
  silu: [(graph, x) => graph.op('silu', [x('x', 5, 7)], {})],
};

describe('every operation on the runtime equals its float64 definition', () => {
  for (const [op, writers] of Object.entries(cases))
    it.each(writers.map((write, i) => [i, write] as const))(`${op} %i`, async (_, write) => {
      const graph = buildGraph((builder) =>
        builder.output(
          'y',
          write(builder, (name, ...shape) => builder.input(name, shape)),
        ),
      );
      const random = generator(op.length + graph.nodes.length);
      const feeds = Object.fromEntries(
        graph.inputs.map(({ name, value }) => [
          name,
          value.type === 'i64'
            ? BigInt64Array.from({ length: sizeOf(value.shape) }, () => BigInt(Math.floor(random() * 7)))
            : Float32Array.from({ length: sizeOf(value.shape) }, () => 4 * random() - 2),
        ]),
      );
      const y = new Float32Array(sizeOf(graph.outputs[0].value.shape));
      await using program = await runtime.compile(graph, noWeights);
      await program.run(feeds, { y });
      const numbers = Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, Array.from(data, Number)]));
      const expected = evaluateGraph(graph, numbers, {}).y!;
      expect(Math.max(...y.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(2e-6 * Math.max(1, ...expected.map(Math.abs)));
    });
});

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}
