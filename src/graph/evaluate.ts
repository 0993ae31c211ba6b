/** Every operation in plain float64 loops: the oracle that lowerings and derivatives are tested against. */

import { SecateurError } from '../error.ts';
import type { Graph, Node, Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';
import { sizeOf } from './shapes.ts';

export type Arrays = Readonly<Record<string, ArrayLike<number>>>;

/**
 * The outputs of a graph, by name, in float64.
 *
 * @param feeds       arrays for the graph's inputs, row-major
 * @param parameters  whole tensors by name, row-major
 */
export function evaluateGraph(graph: Graph, feeds: Arrays, parameters: Arrays): Record<string, Float64Array> {
  const values = new Map<number, Float64Array>();
  for (const { name, value } of graph.inputs) values.set(value.id, take(name, feeds[name], 0, value));
  for (const { value, data } of graph.constants) values.set(value.id, Float64Array.from(data));
  for (const { tensor, fromRow, value } of graph.parameters) values.set(value.id, take(tensor, parameters[tensor], fromRow, value));
  for (const node of graph.nodes)
    values.set(
      node.output.id,
      evaluateNode(
        node,
        node.inputs.map((input) => values.get(input.id)!),
      ),
    );
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, values.get(value.id)!]));
}

function take(name: string, array: ArrayLike<number> | undefined, fromRow: number, value: Value): Float64Array {
  const offset = fromRow * sizeOf(value.shape.slice(1));
  const end = offset + sizeOf(value.shape);
  if (!array || array.length < end)
    throw new SecateurError('SHAPE_MISMATCH', `${name}: ${array?.length ?? 0} values for [${value.shape.join(', ')}]`);
  return Float64Array.from({ length: end - offset }, (_, i) => array[offset + i]);
}

type Rule<K extends OpName> = (inputs: readonly Float64Array[], node: Extract<Node, { op: K }>, attributes: Ops[K]) => Float64Array;

function evaluateNode<K extends OpName>(node: Extract<Node, { op: K }>, inputs: readonly Float64Array[]): Float64Array {
  return (rules[node.op] as Rule<K>)(inputs, node, node.attributes as Ops[K]);
}

const rules: { readonly [K in OpName]: Rule<K> } = {
  add: ([a, b]) => a.map((x, i) => x + b[i]),
  attention: ([q, k, v], node, attributes) => attend(q, k, v, node.output.shape[0], attributes),
  gather([table, index], node) {
    const [length, width] = node.output.shape as [number, number];
    return Float64Array.from({ length: length * width }, (_, i) => table[index[Math.floor(i / width)] * width + (i % width)]);
  },
  gram([x, c], node, { from }) {
    const [length, n] = node.inputs[0].shape as [number, number];
    const [rows, cols] = node.output.shape as [number, number];
    const y = c.slice();
    for (let t = 0; t < length; t++)
      for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) y[i * cols + j] += x[t * n + from + i] * x[t * n + from + j];
    return y;
  },
  linear([x, weight, bias], node) {
    const [length, out] = node.output.shape as [number, number];
    const cols = node.inputs[1].shape[1];
    const y = new Float64Array(length * out);
    for (let t = 0; t < length; t++)
      for (let o = 0; o < out; o++) {
        let sum = bias ? bias[o] : 0;
        for (let i = 0; i < cols; i++) sum += x[t * cols + i] * weight[o * cols + i];
        y[t * out + o] = sum;
      }
    return y;
  },
  logSumExp: ([x], node) =>
    mapRows(x, node.inputs[0].shape.at(-1)!, (row) => {
      const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
      return [top + Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0))];
    }),
  mul: ([a, b]) => a.map((x, i) => x * b[i]),
  pick: ([x, index], node) => index.map((column, t) => x[t * node.inputs[0].shape[1] + column]),
  reshape: ([x]) => x,
  rmsNorm: ([x, weight], node, { epsilon }) =>
    mapRows(x, node.output.shape.at(-1)!, (row) => {
      const scale = 1 / Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / row.length + epsilon);
      return row.map((value, i) => value * scale * weight[i]);
    }),
  rope([x, cos, sin], node, { heads }) {
    const [length, width] = node.output.shape as [number, number];
    const half = width / heads / 2;
    const y = new Float64Array(length * width);
    for (let t = 0; t < length; t++)
      for (let h = 0; h < heads; h++)
        for (let i = 0; i < half; i++) {
          const at = t * width + h * 2 * half + i;
          const c = cos[t * half + i];
          const s = sin[t * half + i];
          y[at] = x[at] * c - x[at + half] * s;
          y[at + half] = x[at + half] * c + x[at] * s;
        }
    return y;
  },
  silu: ([x]) => x.map((value) => value / (1 + Math.exp(-value))),
};

function mapRows(x: Float64Array, width: number, map: (row: Float64Array) => ArrayLike<number>): Float64Array {
  const rows = Array.from({ length: x.length / width }, (_, t) => Array.from(map(x.subarray(t * width, (t + 1) * width))));
  return Float64Array.from(rows.flat());
}

function attend(q: Float64Array, k: Float64Array, v: Float64Array, length: number, attributes: Ops['attention']): Float64Array {
  const { heads, kvHeads, scale, window = Infinity } = attributes;
  const dim = q.length / length / heads;
  const y = new Float64Array(q.length);
  for (let h = 0; h < heads; h++)
    for (let t = 0; t < length; t++) {
      const group = Math.floor(h / (heads / kvHeads));
      const first = Math.max(0, t - window + 1);
      const scores = Array.from({ length: t - first + 1 }, (_, s) => {
        let dot = 0;
        for (let i = 0; i < dim; i++) dot += q[(t * heads + h) * dim + i] * k[((first + s) * kvHeads + group) * dim + i];
        return dot * scale;
      });
      const top = Math.max(...scores);
      const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
      scores.forEach((score, s) => {
        const share = Math.exp(score - top) / total;
        for (let i = 0; i < dim; i++) y[(t * heads + h) * dim + i] += share * v[((first + s) * kvHeads + group) * dim + i];
      });
    }
  return y;
}
