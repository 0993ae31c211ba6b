/** Reverse mode: the graph that carries cotangents from outputs back to inputs and parameters, one rule an operation. */

import { pullAttention } from './attention.ts';
import { buildGraph, type Graph, type GraphBuilder, inlineLeaves, inlineNode, type Node, type Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';
import { type InsideOf, spell } from './spell.ts';
import {
  add,
  expand,
  matmul,
  mul,
  oneMinus,
  pad,
  power,
  reshape,
  scale,
  slice,
  softmaxTimes,
  sumLast,
  sumTo,
  transpose,
  zeros,
} from './terms.ts';
import { findVariable } from './variable.ts';

export interface ReverseOptions {
  /** Outputs that get a cotangent: the inputs `∂<output>` of the new graph, shaped as they are. */
  readonly of: readonly string[];
  /** Inputs, and tensors of parameters, whose cotangents are wanted: the outputs `∂<name>` of the new graph. */
  readonly wrt: readonly string[];
}

/**
 * The graph with one more input for each of `of` and one more output for each of `wrt`: Σ over the outputs of (∂output/∂name)ᵀ · ∂output.
 * What no output depends on gets zeros; as in any graph, an input that nothing reads falls away.
 *
 * @throws TypeError  for a name the graph does not have, has twice, or that has no derivative
 */
export function reverse(graph: Graph, { of, wrt }: ReverseOptions): Graph {
  const variables = wrt.map((name) => ({ name, value: findVariable(graph, name) }));
  const results = of.map((name) => {
    const result = graph.outputs.find((output) => output.name === name);
    if (!result) throw new TypeError(`the graph has no output ${name}`);
    return result;
  });
  const between = valuesBetween(graph, variables, results);
  return buildGraph((builder) => {
    const values = inlineLeaves(builder, graph, ({ name, value }) => builder.input(name, value.shape, value.type));
    const steps: { readonly node: Node; readonly pull: (cotangent: Value) => readonly (Value | undefined)[] }[] = [];
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((input) => values.get(input.id)!);
      if (!between.has(node.output.id)) {
        values.set(node.output.id, inlineNode(builder, node, inputs));
        continue;
      }
      const { output, inside } = spell(builder, node, inputs);
      values.set(node.output.id, output);
      steps.push({ node, pull: (cotangent) => pull(builder, cotangent, { ...node, inputs, output } as Node, inside) });
    }
    for (const { name, value } of graph.outputs) builder.output(name, values.get(value.id)!);

    const cotangents = new Map<number, Value>();
    const accumulate = ({ id }: Value, cotangent: Value) => {
      const others = cotangents.get(id);
      cotangents.set(id, others ? add(builder, others, cotangent) : cotangent);
    };
    for (const { name, value } of results) accumulate(value, builder.input(`∂${name}`, value.shape));
    for (const { node, pull } of steps.toReversed())
      for (const [i, cotangent] of pull(cotangents.get(node.output.id)!).entries())
        if (cotangent && between.has(node.inputs[i].id)) accumulate(node.inputs[i], cotangent);
    for (const { name, value } of variables) builder.output(`∂${name}`, cotangents.get(value.id) ?? zeros(builder, value.shape));
  });
}

type Named = Graph['outputs'][number];

/** The values on the ways from the variables to the results, by their ids. */
function valuesBetween(graph: Graph, variables: readonly Named[], results: readonly Named[]): ReadonlySet<number> {
  const behind = new Set(variables.map(({ value }) => value.id));
  for (const { inputs, output } of graph.nodes) if (inputs.some(({ id }) => behind.has(id))) behind.add(output.id);
  const before = new Set(results.map(({ value }) => value.id));
  for (const { inputs, output } of graph.nodes.toReversed()) if (before.has(output.id)) for (const { id } of inputs) before.add(id);
  return new Set([...behind].filter((id) => before.has(id)));
}

/** The cotangents of a node's inputs; nothing for those that have no derivative. */
type Rule<K extends OpName> = (
  graph: GraphBuilder,
  cotangent: Value,
  node: { readonly inputs: readonly Value[]; readonly output: Value; readonly attributes: Ops[K] },
  inside: InsideOf<K>,
) => readonly (Value | undefined)[];

function pull<K extends OpName>(graph: GraphBuilder, cotangent: Value, node: Extract<Node, { op: K }>, inside: InsideOf<K>) {
  return (vjp[node.op] as unknown as Rule<K>)(graph, cotangent, node as never, inside);
}

const vjp: { readonly [K in OpName]: Rule<K> } = {
  add: (graph, g, { inputs }) => inputs.map((input) => sumTo(graph, g, input.shape)),
  affine: (graph, g, { attributes }) => [scale(graph, g, attributes.scale)],
  attention: pullAttention,
  concat(graph, g, { inputs, attributes: { axis } }) {
    let from = 0;
    return inputs.map((input) => {
      from += input.shape[axis];
      return slice(graph, g, axis, from - input.shape[axis], from);
    });
  },
  expand: (graph, g, { inputs: [x] }) => [sumTo(graph, g, x.shape)],
  gather: (graph, g, { inputs: [table, index] }) => [graph.op('scatter', [g, index], { rows: table.shape[0] }), undefined],
  gram(graph, g, { inputs: [x], attributes: { from, to } }) {
    const [strip, rest] = [slice(graph, x, 1, from, to), slice(graph, x, 1, from, x.shape[1])];
    const ofStrip = pad(graph, matmul(graph, rest, g, { transB: true }), 1, from, x.shape[1]);
    const ofRest = pad(graph, matmul(graph, strip, g), 1, from, x.shape[1]);
    return [add(graph, ofStrip, ofRest), g];
  },
  linear(graph, g, { inputs: [x, weight, bias] }) {
    return [matmul(graph, g, weight), matmul(graph, g, x, { transA: true }), bias && sumTo(graph, g, bias.shape)];
  },
  logSumExp(graph, g, { inputs: [x] }) {
    return [mul(graph, graph.op('softmax', [x], {}), reshape(graph, g, ...g.shape, 1))];
  },
  matmul(graph, g, { inputs: [a, b], attributes: { transA, transB } }) {
    return [
      transA ? matmul(graph, b, g, { transA: transB, transB: true }) : matmul(graph, g, b, { transB: !transB }),
      transB ? matmul(graph, g, a, { transA: true, transB: transA }) : matmul(graph, a, g, { transA: !transA }),
    ];
  },
  mul: (graph, g, { inputs: [a, b] }) => [sumTo(graph, mul(graph, g, b), a.shape), sumTo(graph, mul(graph, g, a), b.shape)],
  pad: (graph, g, { inputs: [x], attributes: { axis, before } }) => [slice(graph, g, axis, before, before + x.shape[axis])],
  pick: (graph, g, { inputs: [x, index] }) => [graph.op('place', [g, index], { width: x.shape[1] }), undefined],
  place: (graph, g, { inputs: [, index] }) => [graph.op('pick', [g, index], {}), undefined],
  power(graph, g, { inputs: [x], attributes: { exponent } }) {
    return [mul(graph, g, scale(graph, power(graph, x, exponent - 1), exponent))];
  },
  reshape: (graph, g, { inputs: [x] }) => [reshape(graph, g, ...x.shape)],
  rmsNorm(graph, g, { inputs: [x, weight] }, { inverse, normed }) {
    const h = mul(graph, g, weight);
    const along = mul(graph, normed, scale(graph, sumLast(graph, mul(graph, h, normed)), -1 / x.shape.at(-1)!));
    return [mul(graph, add(graph, h, along), inverse), sumTo(graph, mul(graph, g, normed), weight.shape)];
  },
  rope(graph, g, { inputs: [x, cos, sin], attributes: { heads } }) {
    const [length, half] = cos.shape as [number, number];
    const full = (value: number) => expand(graph, graph.constant(Float32Array.of(value), []), cos.shape);
    const turned = graph.op('rope', [x, full(0), full(1)], { heads });
    const byPair = (y: Value) => sumTo(graph, reshape(graph, mul(graph, g, y), length, 2 * heads, half), [length, 1, half]);
    return [
      graph.op('rope', [g, cos, scale(graph, sin, -1)], { heads }),
      reshape(graph, byPair(x), length, half),
      reshape(graph, byPair(turned), length, half),
    ];
  },
  scatter: (graph, g, { inputs: [, index] }) => [graph.op('gather', [g, index], {}), undefined],
  sigmoid: (graph, g, { output }) => [mul(graph, g, mul(graph, output, oneMinus(graph, output)))],
  silu: (graph, g, { output }, sigmoid) => [mul(graph, g, add(graph, sigmoid, mul(graph, output, oneMinus(graph, sigmoid))))],
  slice: (graph, g, { inputs: [x], attributes: { axis, from } }) => [pad(graph, g, axis, from, x.shape[axis])],
  softmax: (graph, g, { output }) => [softmaxTimes(graph, output, g)],
  sumTo: (graph, g, { inputs: [x] }) => [expand(graph, g, x.shape)],
  transpose: (graph, g, { attributes: { axes } }) => [transpose(graph, g, ...axes.map((_, axis) => axes.indexOf(axis)))],
};
