/** Every operation in plain float64 loops: the oracle that lowerings and derivatives are tested against. */

import { SecateurError } from '../error.ts';
import type { Graph, Node, Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';
import { sizeOf, withRank } from './shapes.ts';

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
  add: ([a, b], node) => broadcast(node, (i, j) => a[i] + b[j]),
  affine: ([x], _, { scale, shift }) => x.map((value) => scale * value + shift),
  attention: ([q, k, v], node, attributes) => attend(q, k, v, node.output.shape[0], attributes),
  concat(inputs, node, { axis }) {
    const widths = node.inputs.map((input) => sizeOf(input.shape.slice(axis)));
    const width = sizeOf(node.output.shape.slice(axis));
    const y = new Float64Array(sizeOf(node.output.shape));
    for (let outer = 0; outer * width < y.length; outer++) {
      let at = outer * width;
      for (const [i, x] of inputs.entries()) {
        y.set(x.subarray(outer * widths[i], (outer + 1) * widths[i]), at);
        at += widths[i];
      }
    }
    return y;
  },
  expand([x], node) {
    const from = placesIn(node.inputs[0].shape, node.output.shape);
    return Float64Array.from(from, (i) => x[i]);
  },
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
        let sum = bias ? bias[(t * out + o) % bias.length] : 0;
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
  matmul([a, b], node, { transA, transB }) {
    const [n, m] = node.output.shape.slice(-2);
    const inner = node.inputs[0].shape.at(transA ? -2 : -1)!;
    const y = new Float64Array(sizeOf(node.output.shape));
    for (let at = 0; at < y.length; at++) {
      const [batch, i, j] = [Math.floor(at / n / m), Math.floor(at / m) % n, at % m];
      for (let k = 0; k < inner; k++)
        y[at] += a[batch * n * inner + (transA ? k * n + i : i * inner + k)] * b[batch * inner * m + (transB ? j * inner + k : k * m + j)];
    }
    return y;
  },
  mul: ([a, b], node) => broadcast(node, (i, j) => a[i] * b[j]),
  pad([x], node, { axis, before }) {
    const [width, padded] = [node.inputs[0].shape, node.output.shape].map((shape) => sizeOf(shape.slice(axis))) as [number, number];
    const y = new Float64Array(sizeOf(node.output.shape));
    const start = before * sizeOf(node.output.shape.slice(axis + 1));
    for (let outer = 0; outer * padded < y.length; outer++) y.set(x.subarray(outer * width, (outer + 1) * width), outer * padded + start);
    return y;
  },
  pick: ([x, index], node) => index.map((column, t) => x[t * node.inputs[0].shape[1] + column]),
  place([x, index], _, { width }) {
    const y = new Float64Array(x.length * width);
    for (const [t, column] of index.entries()) y[t * width + column] = x[t];
    return y;
  },
  power: ([x], _, { exponent }) => x.map((value) => value ** exponent),
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
  scatter([x, index], node) {
    const width = node.output.shape[1];
    const y = new Float64Array(sizeOf(node.output.shape));
    for (const [i, value] of x.entries()) y[index[Math.floor(i / width)] * width + (i % width)] += value;
    return y;
  },
  sigmoid: ([x]) => x.map((value) => 1 / (1 + Math.exp(-value))),
  silu: ([x]) => x.map((value) => value / (1 + Math.exp(-value))),
  slice([x], node, { axis, from, to }) {
    const inner = sizeOf(node.inputs[0].shape.slice(axis + 1));
    const width = node.inputs[0].shape[axis] * inner;
    const y = new Float64Array(sizeOf(node.output.shape));
    const kept = (to - from) * inner;
    for (let outer = 0; outer * kept < y.length; outer++)
      y.set(x.subarray(outer * width + from * inner, outer * width + to * inner), outer * kept);
    return y;
  },
  softmax([x], node, { causal }) {
    const [rows, cols] = node.output.shape.slice(-2);
    let t = 0;
    return mapRows(x, node.output.shape.at(-1)!, (row) => {
      const last = causal ? (t++ % rows) + causal.diagonal : cols;
      const seen = row.map((value, column) =>
        causal && (column > last || column <= last - (causal.window ?? Infinity)) ? -Infinity : value,
      );
      const top = Math.max(...seen);
      const total = seen.reduce((sum, value) => sum + Math.exp(value - top), 0);
      return seen.map((value) => Math.exp(value - top) / total);
    });
  },
  sumTo([x], node) {
    const y = new Float64Array(sizeOf(node.output.shape));
    for (const [i, to] of placesIn(node.output.shape, node.inputs[0].shape).entries()) y[to] += x[i];
    return y;
  },
  transpose([x], node, { axes }) {
    const steps = stepsOf(node.inputs[0].shape);
    return Float64Array.from(
      walk(
        node.output.shape,
        axes.map((axis) => steps[axis]),
      ),
      (i) => x[i],
    );
  },
};

function broadcast({ inputs: [a, b], output }: Node, combine: (i: number, j: number) => number): Float64Array {
  const left = placesIn(a.shape, output.shape);
  const right = placesIn(b.shape, output.shape);
  return Float64Array.from(left, (i, at) => combine(i, right[at]));
}

/** For every element of `whole` the one of `shape`, which broadcasts to it, that lies there. */
function placesIn(shape: readonly number[], whole: readonly number[]): number[] {
  const padded = withRank(shape, whole.length);
  return walk(
    whole,
    stepsOf(padded).map((step, axis) => (padded[axis] === 1 ? 0 : step)),
  );
}

/** How many elements lie between neighbours of each axis. */
function stepsOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Offsets, in row-major order of `shape`, where one step along an axis moves by the number given for it. */
function walk(shape: readonly number[], steps: readonly number[]): number[] {
  let offsets = [0];
  for (const [axis, dim] of shape.entries())
    offsets = offsets.flatMap((offset) => Array.from({ length: dim }, (_, i) => offset + i * steps[axis]));
  return offsets;
}

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
