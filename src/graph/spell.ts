/** Operations that are kernels of their own, written in the plain ones where derivatives need what happens inside them. */

import { type AttentionPart, spellAttention } from './attention.ts';
import { type GraphBuilder, inlineNode, type Node, type Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';
import { mul, power, sumLast } from './terms.ts';

/** What the derivatives of an operation read of its inside. */
export interface Insides {
  attention: readonly AttentionPart[];
  /** One over the root of the mean square, `[…, 1]`, and x times it. */
  rmsNorm: { readonly inverse: Value; readonly normed: Value };
  /** The sigmoid. */
  silu: Value;
}

export type InsideOf<K extends OpName> = K extends keyof Insides ? Insides[K] : undefined;

interface Spelled<K extends OpName> {
  readonly output: Value;
  readonly inside: InsideOf<K>;
}

/** Writes a node over other inputs, in a form that shows its inside. */
export function spell<K extends OpName>(graph: GraphBuilder, node: Extract<Node, { op: K }>, inputs: readonly Value[]): Spelled<K> {
  if (!isSpelled(node.op)) return { output: inlineNode(graph, node, inputs), inside: undefined as InsideOf<K> };
  const write = spellings[node.op] as (graph: GraphBuilder, inputs: readonly Value[], attributes: Ops[OpName]) => Spelled<K>;
  return write(graph, inputs, node.attributes);
}

const spellings: {
  readonly [K in keyof Insides]: (graph: GraphBuilder, inputs: readonly Value[], attributes: Ops[K]) => Spelled<K>;
} = {
  attention: spellAttention,
  rmsNorm(graph, [x, weight], { epsilon }) {
    const mean = graph.op('affine', [sumLast(graph, power(graph, x, 2))], { scale: 1 / x.shape.at(-1)!, shift: epsilon });
    const inverse = power(graph, mean, -0.5);
    const normed = mul(graph, x, inverse);
    return { output: mul(graph, normed, weight), inside: { inverse, normed } };
  },
  silu(graph, [x]) {
    const sigmoid = graph.op('sigmoid', [x], {});
    return { output: mul(graph, x, sigmoid), inside: sigmoid };
  },
};

function isSpelled(op: OpName): op is keyof Insides {
  return Object.hasOwn(spellings, op);
}
