/** Small graphs of one operation each, over inputs of odd sizes, for whatever must hold for every operation. */

import { buildGraph, type Graph, type GraphBuilder, type Value } from '../../src/graph/ir.ts';
import type { OpName, Ops } from '../../src/graph/ops.ts';
import { sizeOf } from '../../src/graph/shapes.ts';

type Input = (name: string, ...shape: number[]) => Value;
type Write = (graph: GraphBuilder, x: Input) => Value;

/** Index inputs are called `ids`; what they hold is below 7. `power` wants positive numbers. */
export const writers: { readonly [K in OpName]: readonly Write[] } = {
  add: [
    (graph, x) => graph.op('add', [x('a', 5, 7), x('b', 5, 7)], {}),
    (graph, x) => graph.op('add', [x('a', 3, 1, 7), x('b', 5, 1)], {}),
  ],
  affine: [
    (graph, x) => graph.op('affine', [x('x', 5, 7)], { scale: -0.7, shift: 0 }),
    (graph, x) => graph.op('affine', [x('x', 5, 7)], { scale: 1, shift: 0.3 }),
    (graph, x) => graph.op('affine', [x('x', 5)], { scale: 1.7, shift: 0.3 }),
  ],
  attention: [
    [1, 2, 1, 4],
    [13, 4, 2, 6],
    [13, 6, 3, 5, 4],
    [13, 3, 3, 2, 1],
    [9, 4, 1, 8, 30],
    [70, 2, 1, 3],
    [97, 4, 2, 1, 30],
  ].map(attention),
  concat: [
    (graph, x) => graph.op('concat', [x('a', 2, 3, 5), x('b', 2, 1, 5), x('c', 2, 4, 5)], { axis: 1 }),
    (graph, x) => graph.op('concat', [x('a', 2, 3), x('b', 4, 3)], { axis: 0 }),
  ],
  expand: [
    (graph, x) => graph.op('expand', [x('x', 3, 1, 5)], { shape: [2, 3, 4, 5] }),
    (graph, x) => graph.op('expand', [x('x')], { shape: [3] }),
  ],
  gather: [(graph, x) => graph.op('gather', [x('table', 7, 5), graph.input('ids', [11], 'i64')], {})],
  gram: [
    (graph, x) => graph.op('gram', [x('x', 9, 11), x('c', 11, 11)], { from: 0, to: 11 }),
    (graph, x) => graph.op('gram', [x('x', 9, 11), x('c', 4, 8)], { from: 3, to: 7 }),
  ],
  linear: [
    (graph, x) => graph.op('linear', [x('x', 9, 5), x('w', 7, 5)], {}),
    (graph, x) => graph.op('linear', [x('x', 9, 5), x('w', 7, 5), x('b', 7)], {}),
    (graph, x) => graph.op('linear', [x('x', 9, 5), x('w', 7, 5), x('b', 9, 7)], {}),
    (graph, x) => graph.op('linear', [x('x', 1, 5), x('w', 1, 5), x('b', 1)], {}),
  ],
  logSumExp: [(graph, x) => graph.op('logSumExp', [x('x', 5, 13)], {})],
  matmul: [false, true].flatMap((transA) =>
    [false, true].flatMap((transB): Write[] => {
      const [a, b] = [transA ? [5, 3] : [3, 5], transB ? [7, 5] : [5, 7]];
      return [
        (graph, x) => graph.op('matmul', [x('a', ...a), x('b', ...b)], { transA, transB }),
        (graph, x) => graph.op('matmul', [x('a', 2, ...a), x('b', 2, ...b)], { transA, transB }),
        (graph, x) =>
          graph.op('matmul', [x('a', 2, ...a.map((n) => (n === 5 ? 1 : n))), x('b', 2, ...b.map((n) => (n === 5 ? 1 : n)))], {
            transA,
            transB,
          }),
      ];
    }),
  ),
  mul: [
    (graph, x) => graph.op('mul', [x('a', 5, 7), x('b', 5, 7)], {}),
    (graph, x) => graph.op('mul', [x('a', 3, 1, 7), x('b', 5, 1)], {}),
    (graph, x) => {
      const a = x('a', 3);
      return graph.op('mul', [a, a], {});
    },
  ],
  pad: [
    (graph, x) => graph.op('pad', [x('x', 2, 3, 5)], { axis: 1, before: 2, after: 1 }),
    (graph, x) => graph.op('pad', [x('x', 2, 3)], { axis: 0, before: 0, after: 3 }),
  ],
  pick: [(graph, x) => graph.op('pick', [x('x', 11, 7), graph.input('ids', [11], 'i64')], {})],
  place: [(graph, x) => graph.op('place', [x('x', 11), graph.input('ids', [11], 'i64')], { width: 7 })],
  power: [-0.5, 2, -1.5].map((exponent) => (graph, x) => graph.op('power', [x('positive', 5, 7)], { exponent })),
  reshape: [(graph, x) => graph.op('reshape', [x('x', 6, 10)], { shape: [6, 2, 5] })],
  rmsNorm: [
    (graph, x) => graph.op('rmsNorm', [x('x', 5, 7), x('w', 7)], { epsilon: 1e-3 }),
    (graph, x) => graph.op('rmsNorm', [x('x', 5, 3, 7), x('w', 7)], { epsilon: 1e-3 }),
  ],
  rope: [3, 10, 16].map(
    (half) => (graph, x) => graph.op('rope', [x('x', 9, 3 * 2 * half), x('cos', 9, half), x('sin', 9, half)], { heads: 3 }),
  ),
  scatter: [(graph, x) => graph.op('scatter', [x('x', 11, 5), graph.input('ids', [11], 'i64')], { rows: 8 })],
  sigmoid: [(graph, x) => graph.op('sigmoid', [x('x', 5, 7)], {})],
  silu: [(graph, x) => graph.op('silu', [x('x', 5, 7)], {})],
  slice: [
    (graph, x) => graph.op('slice', [x('x', 2, 5, 3)], { axis: 1, from: 1, to: 4 }),
    (graph, x) => graph.op('slice', [x('x', 5, 3)], { axis: 0, from: 0, to: 1 }),
  ],
  softmax: [
    (graph, x) => graph.op('softmax', [x('x', 5, 7)], {}),
    (graph, x) => graph.op('softmax', [x('x', 2, 5, 5)], { causal: { diagonal: 0 } }),
    (graph, x) => graph.op('softmax', [x('x', 2, 3, 7)], { causal: { diagonal: 4, window: 3 } }),
  ],
  sumTo: [
    (graph, x) => graph.op('sumTo', [x('x', 2, 3, 4, 5)], { shape: [3, 1, 5] }),
    (graph, x) => graph.op('sumTo', [x('x', 5, 7)], { shape: [1] }),
    (graph, x) => graph.op('sumTo', [x('x', 5, 7)], { shape: [5, 7] }),
    (graph, x) => graph.op('sumTo', [x('x', 3)], { shape: [] }),
  ],
  transpose: [
    (graph, x) => graph.op('transpose', [x('x', 2, 3, 5)], { axes: [2, 0, 1] }),
    (graph, x) => graph.op('transpose', [x('x', 3, 5)], { axes: [1, 0] }),
  ],
};

export function attention([length, heads, kvHeads, dim, window]: readonly number[]): Write {
  const attributes: Ops['attention'] = { heads, kvHeads, scale: 0.37, ...(window ? { window } : {}) };
  return (graph, x) =>
    graph.op('attention', [x('q', length, heads * dim), x('k', length, kvHeads * dim), x('v', length, kvHeads * dim)], attributes);
}

/** The graph of one case; its output is called `y`. */
export function graphOf(write: Write): Graph {
  return buildGraph((builder) =>
    builder.output(
      'y',
      write(builder, (name, ...shape) => builder.input(name, shape)),
    ),
  );
}

/** Every operation's graphs, with their names. */
export const cases = Object.entries(writers).flatMap(([op, all]) => all.map((write, i) => [`${op} ${i}`, graphOf(write)] as const));

export type Numbers = Record<string, Float64Array>;

/** Numbers for every input of a graph, as the names of inputs ask. */
export function drawFeeds({ inputs }: Pick<Graph, 'inputs'>, random: () => number): Numbers {
  const draw = (name: string) => {
    if (name === 'ids') return Math.floor(random() * 7);
    return name === 'positive' ? 0.5 + random() : 4 * random() - 2;
  };
  return Object.fromEntries(inputs.map(({ name, value }) => [name, Float64Array.from({ length: sizeOf(value.shape) }, () => draw(name))]));
}

/** Numbers in [0, 1), the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}
