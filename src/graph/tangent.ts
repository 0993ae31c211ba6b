/** Forward mode: the graph that carries tangents of inputs and parameters along to the outputs, one rule an operation. */

import { pushAttention } from './attention.ts';
import { buildGraph, type Graph, type GraphBuilder, inlineLeaves, inlineNode, type Node, type Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';
import { type InsideOf, spell } from './spell.ts';
import {
  add,
  concat,
  expand,
  mul,
  oneMinus,
  power,
  pushMatmul,
  reshape,
  scale,
  slice,
  softmaxTimes,
  sum,
  sumLast,
  zeros,
} from './terms.ts';
import { findVariable } from './variable.ts';

/**
 * The graph with one more input `<name>'` for each of `along`, inputs or tensors of parameters, and one more output `<output>'` for each
 * output: Σ over the names of (∂output/∂name) · name'. An output that depends on none of them gets zeros.
 *
 * @throws TypeError  for a name the graph does not have, has twice, or that has no derivative
 */
export function tangent(graph: Graph, { along }: { readonly along: readonly string[] }): Graph {
  const variables = along.map((name) => ({ name, value: findVariable(graph, name) }));
  return buildGraph((builder) => {
    const values = inlineLeaves(builder, graph, ({ name, value }) => builder.input(name, value.shape, value.type));
    const tangents = new Map(variables.map(({ name, value }) => [value.id, builder.input(`${name}'`, value.shape)]));
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((input) => values.get(input.id)!);
      const inputTangents = node.inputs.map((input) => tangents.get(input.id));
      if (inputTangents.every((one) => one === undefined)) {
        values.set(node.output.id, inlineNode(builder, node, inputs));
        continue;
      }
      const { output, inside } = spell(builder, node, inputs);
      values.set(node.output.id, output);
      tangents.set(node.output.id, push(builder, inputTangents, { ...node, inputs, output } as Node, inside));
    }
    for (const { name, value } of graph.outputs) builder.output(name, values.get(value.id)!);
    for (const { name, value } of graph.outputs) builder.output(`${name}'`, tangents.get(value.id) ?? zeros(builder, value.shape));
  });
}

/** The tangent of a node's output, where at least one of its inputs has one. */
type Rule<K extends OpName> = (
  graph: GraphBuilder,
  tangents: readonly (Value | undefined)[],
  node: { readonly inputs: readonly Value[]; readonly output: Value; readonly attributes: Ops[K] },
  inside: InsideOf<K>,
) => Value;

function push<K extends OpName>(
  graph: GraphBuilder,
  tangents: readonly (Value | undefined)[],
  node: Extract<Node, { op: K }>,
  inside: InsideOf<K>,
): Value {
  return (jvp[node.op] as unknown as Rule<K>)(graph, tangents, node as never, inside);
}

const jvp: { readonly [K in OpName]: Rule<K> } = {
  add: (graph, tangents, { output }) => expand(graph, sum(graph, ...tangents)!, output.shape),
  affine: (graph, [x], { attributes }) => scale(graph, x!, attributes.scale),
  attention: (graph, tangents, { attributes }, parts) => pushAttention(graph, tangents, attributes, parts),
  concat: (graph, tangents, { inputs, attributes: { axis } }) =>
    concat(graph, axis, ...tangents.map((one, i) => one ?? zeros(graph, inputs[i].shape))),
  expand: linearIn('expand'),
  gather: linearIn('gather'),
  gram(graph, [x, c], { inputs: [value], attributes: { from, to } }) {
    if (!x) return c!;
    const strip = (whole: Value) => slice(graph, whole, 1, from, to);
    const rest = (whole: Value) => slice(graph, whole, 1, from, whole.shape[1]);
    return sum(graph, c, pushMatmul(graph, [strip(value), rest(value)], [strip(x), rest(x)], { transA: true, transB: false }))!;
  },
  linear(graph, [x, weight, bias], { inputs, output }) {
    const ofInput = x && graph.op('linear', bias ? [x, inputs[1], bias] : [x, inputs[1]], {});
    const rest = ofInput ?? bias;
    if (weight) return graph.op('linear', rest ? [inputs[0], weight, rest] : [inputs[0], weight], {});
    return expand(graph, rest!, output.shape);
  },
  logSumExp(graph, [x], { inputs, output }) {
    return reshape(graph, sumLast(graph, mul(graph, graph.op('softmax', [inputs[0]], {}), x!)), ...output.shape);
  },
  matmul: (graph, tangents, { inputs, attributes }) => pushMatmul(graph, inputs, tangents, attributes)!,
  mul: (graph, [a, b], { inputs, output }) => expand(graph, sum(graph, mul(graph, a, inputs[1]), mul(graph, b, inputs[0]))!, output.shape),
  pad: linearIn('pad'),
  pick: linearIn('pick'),
  place: linearIn('place'),
  power: (graph, [x], { inputs, attributes: { exponent } }) =>
    mul(graph, x!, scale(graph, power(graph, inputs[0], exponent - 1), exponent)),
  reshape: linearIn('reshape'),
  rmsNorm(graph, [x, weight], { inputs, output }, { inverse, normed }) {
    const mean = x && scale(graph, sumLast(graph, mul(graph, x, normed)), -1 / output.shape.at(-1)!);
    const change = x && mul(graph, add(graph, x, mul(graph, normed, mean!)), inverse);
    return sum(graph, mul(graph, change, inputs[1]), weight && mul(graph, normed, weight))!;
  },
  rope(graph, [x, cos, sin], { inputs, attributes }) {
    const [c, s] = [cos ?? (sin && zeros(graph, sin.shape)), sin ?? (cos && zeros(graph, cos.shape))];
    return sum(
      graph,
      x && graph.op('rope', [x, inputs[1], inputs[2]], attributes),
      c && s && graph.op('rope', [inputs[0], c, s], attributes),
    )!;
  },
  scatter: linearIn('scatter'),
  sigmoid: (graph, [x], { output }) => mul(graph, x!, mul(graph, output, oneMinus(graph, output))),
  silu: (graph, [x], { output }, sigmoid) => mul(graph, x!, add(graph, sigmoid, mul(graph, output, oneMinus(graph, sigmoid)))),
  slice: linearIn('slice'),
  softmax: (graph, [x], { output }) => softmaxTimes(graph, output, x!),
  sumTo: linearIn('sumTo'),
  transpose: linearIn('transpose'),
};

/** The rule of what is linear in its first input, the only one that has a derivative. */
function linearIn<K extends OpName>(op: K): Rule<K> {
  return (graph, [x], { inputs, attributes }) => graph.op(op, [x!, ...inputs.slice(1)], attributes);
}
