/** Lowers graphs to ONNX, with the weights left where they are: in the checkpoint's own files. */

import type { Graph, Node, Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';
import { encodeModel, type OnnxAttribute, type OnnxNode, type OnnxTensor, type OnnxType } from './protobuf.ts';
import { sizeOf } from './shapes.ts';

/** Where the runtime finds a tensor's bytes: a file's name beside the others, and the offset of its first byte. */
export interface TensorPlace {
  readonly location: string;
  readonly offset: number;
  readonly type: 'f32' | 'f16' | 'bf16';
}

/** The bytes of an ONNX model that computes `graph`; inputs and outputs keep their names. */
export function toOnnx(graph: Graph, place: (tensor: string) => TensorPlace): Uint8Array {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const names = new Map<number, string>();
  /** Parameters as they lie in the file, before they are widened to f32. */
  const stored = new Map<number, { readonly name: string; readonly type: OnnxType }>();
  const widened = new Set<number>();
  let nTemporaries = 0;
  const fresh = () => `t${nTemporaries++}`;

  for (const { name, value } of graph.inputs) names.set(value.id, name);
  for (const { value, data } of graph.constants) {
    names.set(value.id, `v${value.id}`);
    initializers.push({ name: `v${value.id}`, type: 'f32', shape: value.shape, data: bytesOf(data) });
  }
  for (const { tensor, fromRow, value } of graph.parameters) {
    const { location, offset, type } = place(tensor);
    const width = type === 'f32' ? 4 : 2;
    const data = { location, offset: offset + fromRow * sizeOf(value.shape.slice(1)) * width, length: sizeOf(value.shape) * width };
    initializers.push({ name: `w${value.id}`, type, shape: value.shape, data });
    stored.set(value.id, { name: `w${value.id}`, type });
    names.set(value.id, type === 'f32' ? `w${value.id}` : `v${value.id}`);
  }
  const produced = new Set(graph.nodes.map((node) => node.output.id));
  for (const { name, value } of graph.outputs) if (produced.has(value.id) && !names.has(value.id)) names.set(value.id, name);

  const write: Writer = {
    name: (value) => {
      const file = stored.get(value.id);
      if (file && file.type !== 'f32' && !widened.has(value.id)) {
        widened.add(value.id);
        nodes.push({ op: 'Cast', inputs: [file.name], outputs: [`v${value.id}`], attributes: { to: { int: 1 } } });
      }
      return names.get(value.id) ?? `v${value.id}`;
    },
    stored: (value) => stored.get(value.id) ?? { name: write.name(value), type: 'f32' },
    node(op, inputs, attributes = {}, output = fresh(), domain = '') {
      nodes.push({ op, domain, inputs, outputs: [output], attributes });
      return output;
    },
    nodes(op, inputs, attributes, nOutputs, domain) {
      const outputs = Array.from({ length: nOutputs }, fresh);
      nodes.push({ op, domain, inputs, outputs, attributes });
      return outputs;
    },
    constant(data, shape) {
      const name = fresh();
      const type = data instanceof BigInt64Array ? 'i64' : data instanceof Int32Array ? 'i32' : 'f32';
      initializers.push({ name, type, shape, data: bytesOf(data) });
      return name;
    },
  };
  for (const node of graph.nodes) lower(node, write);
  for (const { name, value } of graph.outputs) if (write.name(value) !== name) write.node('Identity', [write.name(value)], {}, name);

  const declare = ({ name, value }: { name: string; value: Value }) => ({ name, type: value.type, shape: value.shape });
  return encodeModel({ nodes, initializers, inputs: graph.inputs.map(declare), outputs: graph.outputs.map(declare) });
}

interface Writer {
  /** The ONNX name of a value, as f32. */
  name(value: Value): string;
  /** The ONNX name and type of a value as it lies in the file. */
  stored(value: Value): { readonly name: string; readonly type: OnnxType };
  /** Adds a node and gives the name of its output. */
  node(op: string, inputs: readonly string[], attributes?: Record<string, OnnxAttribute>, output?: string, domain?: string): string;
  /** Adds a node with several outputs and gives their names. */
  nodes(op: string, inputs: readonly string[], attributes: Record<string, OnnxAttribute>, nOutputs: number, domain: string): string[];
  constant(data: BigInt64Array | Int32Array | Float32Array, shape: readonly number[]): string;
}

type Lowering<K extends OpName> = (write: Writer, node: Extract<Node, { op: K }>, attributes: Ops[K]) => void;

function lower<K extends OpName>(node: Extract<Node, { op: K }>, write: Writer): void {
  (lowerings[node.op] as Lowering<K>)(write, node, node.attributes as Ops[K]);
}

const microsoft = 'com.microsoft';

const lowerings: { readonly [K in OpName]: Lowering<K> } = {
  add: elementwise('Add'),
  attention(write, node, attributes) {
    const headDim = node.output.shape[1] / attributes.heads;
    if (headDim % 8 === 0) return fusedAttention(write, node, attributes);
    return spelledAttention(write, node, attributes);
  },
  gather(write, { inputs: [table, index], output }) {
    const { name, type } = write.stored(table);
    if (type === 'f32') write.node('Gather', [name, write.name(index)], {}, write.name(output));
    else write.node('Cast', [write.node('Gather', [name, write.name(index)])], { to: { int: 1 } }, write.name(output));
  },
  gram(write, { inputs: [x, c], output }, { from, to }) {
    const cols = x.shape[1];
    const strip = slice(write, write.name(x), from, to, cols);
    const rest = slice(write, write.name(x), from, cols, cols);
    write.node('Gemm', [strip, rest, write.name(c)], { transA: { int: 1 }, beta: 1 }, write.name(output));
  },
  linear(write, { inputs, output }) {
    write.node('Gemm', inputs.map(write.name), { transB: { int: 1 } }, write.name(output));
  },
  logSumExp(write, { inputs: [x], output }) {
    write.node('ReduceLogSumExp', [write.name(x), ints(write, -1)], { keepdims: { int: 0 } }, write.name(output));
  },
  mul: elementwise('Mul'),
  pick(write, { inputs: [x, index], output }) {
    const column = write.node('Unsqueeze', [write.name(index), ints(write, 1)]);
    const picked = write.node('GatherElements', [write.name(x), column], { axis: { int: 1 } });
    write.node('Squeeze', [picked, ints(write, 1)], {}, write.name(output));
  },
  reshape(write, { inputs: [x], output }, { shape }) {
    write.node('Reshape', [write.name(x), ints(write, ...shape)], {}, write.name(output));
  },
  rmsNorm(write, { inputs: [x, weight], output }, { epsilon }) {
    write.node('SimplifiedLayerNormalization', [write.name(x), write.name(weight)], { axis: { int: -1 }, epsilon }, write.name(output));
  },
  rope(write, { inputs: [x, cos, sin], output }, { heads }) {
    const batch = write.node('Unsqueeze', [write.name(x), ints(write, 0)]);
    const inputs = [batch, ints(write, 0), write.name(cos), write.name(sin)];
    const rotated = write.node(
      'RotaryEmbedding',
      inputs,
      { num_heads: { int: heads }, rotary_embedding_dim: { int: 2 * cos.shape[1] } },
      undefined,
      microsoft,
    );
    write.node('Squeeze', [rotated, ints(write, 0)], {}, write.name(output));
  },
  silu(write, { inputs: [x], output }) {
    write.node('QuickGelu', [write.name(x)], { alpha: 1 }, write.name(output), microsoft);
  },
};

function elementwise(op: string) {
  return (write: Writer, { inputs, output }: Node) => void write.node(op, inputs.map(write.name), {}, write.name(output));
}

function slice(write: Writer, x: string, from: number, to: number, cols: number): string {
  return from === 0 && to === cols ? x : write.node('Slice', [x, ints(write, from), ints(write, to), ints(write, 1)]);
}

/**
 * onnxruntime's own kernel, which only takes head sizes that are multiples of 8. The keys and values it would hand to a next call are
 * named though nobody reads them: without those two outputs it takes a path that is 2.5 times slower.
 */
function fusedAttention(write: Writer, { inputs, output }: Extract<Node, { op: 'attention' }>, attributes: Ops['attention']): void {
  const { heads, kvHeads, scale, window } = attributes;
  const [length, width] = output.shape as [number, number];
  const [q, k, v] = inputs.map((input) => write.node('Unsqueeze', [write.name(input), ints(write, 0)])) as [string, string, string];
  const past = write.constant(new Float32Array(0), [1, kvHeads, 0, width / heads]);
  const lengths = [write.constant(Int32Array.of(length - 1), [1]), write.constant(Int32Array.of(length), [1])];
  const sizes = { num_heads: { int: heads }, kv_num_heads: { int: kvHeads }, scale, local_window_size: { int: window ?? -1 } };
  const [attended] = write.nodes('GroupQueryAttention', [q, k, v, past, past, ...lengths], sizes, 3, microsoft);
  write.node('Squeeze', [attended!, ints(write, 0)], {}, write.name(output));
}

/** The same in plain operators, for every head size. The query heads of one kv head are stacked, so keys are never repeated. */
function spelledAttention(write: Writer, { inputs, output }: Extract<Node, { op: 'attention' }>, attributes: Ops['attention']): void {
  const { heads, kvHeads, scale, window = Infinity } = attributes;
  const [length, width] = output.shape as [number, number];
  const dim = width / heads;
  const group = heads / kvHeads;
  const split = (input: Value, n: number, perm: number[]) =>
    write.node('Transpose', [write.node('Reshape', [write.name(input), ints(write, length, n, dim)])], { perm });
  const [q, k, v] = inputs as [Value, Value, Value];
  const stacked = write.node('Reshape', [split(q, heads, [1, 0, 2]), ints(write, kvHeads, group * length, dim)]);
  const products = write.node('MatMul', [stacked, split(k, kvHeads, [1, 2, 0])]);
  const scores = write.node('Mul', [
    write.node('Reshape', [products, ints(write, heads, length, length)]),
    write.constant(Float32Array.of(scale), [1]),
  ]);
  const hidden = Float32Array.from({ length: length * length }, (_, i) => {
    const behind = Math.floor(i / length) - (i % length);
    return behind < 0 || behind >= window ? -Infinity : 0;
  });
  const shares = write.node('Softmax', [write.node('Add', [scores, write.constant(hidden, [length, length])])], { axis: { int: -1 } });
  const restacked = write.node('Reshape', [shares, ints(write, kvHeads, group * length, length)]);
  const mixed = write.node('Reshape', [write.node('MatMul', [restacked, split(v, kvHeads, [1, 0, 2])]), ints(write, heads, length, dim)]);
  const joined = write.node('Transpose', [mixed], { perm: [1, 0, 2] });
  write.node('Reshape', [joined, ints(write, length, width)], {}, write.name(output));
}

function ints(write: Writer, ...values: number[]): string {
  return write.constant(BigInt64Array.from(values, BigInt), [values.length]);
}

function bytesOf(data: BigInt64Array | Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
