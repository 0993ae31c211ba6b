/** How every operation is computed by ONNX operators, and those that onnxruntime adds to them. */

import type { Node, Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';
import type { OnnxAttribute, OnnxType } from './protobuf.ts';
import { withRank } from './shapes.ts';

/** Where a lowering writes its nodes. */
export interface Writer {
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

/** Writes what computes a node. */
export function lower<K extends OpName>(node: Extract<Node, { op: K }>, write: Writer): void {
  (lowerings[node.op] as Lowering<K>)(write, node, node.attributes as Ops[K]);
}

type Causal = NonNullable<Ops['softmax']['causal']>;

const microsoft = 'com.microsoft';

const lowerings: { readonly [K in OpName]: Lowering<K> } = {
  add: elementwise('Add'),
  affine(write, { inputs: [x], output }, { scale, shift }) {
    const name = write.name(output);
    if (shift === 0) return void write.node('Mul', [write.name(x), scalar(write, scale)], {}, name);
    if (scale === -1) return void write.node('Sub', [scalar(write, shift), write.name(x)], {}, name);
    const scaled = scale === 1 ? write.name(x) : write.node('Mul', [write.name(x), scalar(write, scale)]);
    write.node('Add', [scaled, scalar(write, shift)], {}, name);
  },
  attention(write, node, attributes) {
    const headDim = node.output.shape[1] / attributes.heads;
    if (headDim % 8 === 0) return fusedAttention(write, node, attributes);
    return spelledAttention(write, node, attributes);
  },
  concat(write, { inputs, output }, { axis }) {
    write.node('Concat', inputs.map(write.name), { axis: { int: axis } }, write.name(output));
  },
  expand(write, { inputs: [x], output }, { shape }) {
    write.node('Expand', [write.name(x), ints(write, ...shape)], {}, write.name(output));
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
  matmul(write, { inputs, output }, { transA, transB }) {
    const sides = { transA: { int: Number(transA) }, transB: { int: Number(transB) } };
    if (output.shape.length === 2) write.node('Gemm', inputs.map(write.name), sides, write.name(output));
    else write.node('FusedMatMul', inputs.map(write.name), sides, write.name(output), microsoft);
  },
  mul: elementwise('Mul'),
  pad(write, { inputs: [x], output }, { axis, before, after }) {
    const edge = (size: number) => x.shape.map((_, i) => (i === axis ? size : 0));
    write.node('Pad', [write.name(x), ints(write, ...edge(before), ...edge(after))], {}, write.name(output));
  },
  pick(write, { inputs: [x, index], output }) {
    const column = write.node('Unsqueeze', [write.name(index), ints(write, 1)]);
    const picked = write.node('GatherElements', [write.name(x), column], { axis: { int: 1 } });
    write.node('Squeeze', [picked, ints(write, 1)], {}, write.name(output));
  },
  place(write, { inputs: [x, index], output }, { width }) {
    const [values, columns] = [x, index].map((value) => write.node('Unsqueeze', [write.name(value), ints(write, 1)])) as [string, string];
    const zeros = write.node('ConstantOfShape', [ints(write, x.shape[0], width)]);
    write.node('ScatterElements', [zeros, columns, values], { axis: { int: 1 } }, write.name(output));
  },
  power(write, { inputs: [x], output }, { exponent }) {
    write.node('Pow', [write.name(x), scalar(write, exponent)], {}, write.name(output));
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
  scatter(write, { inputs: [x, index], output }, { rows }) {
    const column = write.node('Unsqueeze', [write.name(index), ints(write, 1)]);
    const places = write.node('Expand', [column, ints(write, ...x.shape)]);
    const zeros = write.node('ConstantOfShape', [ints(write, rows, x.shape[1])]);
    write.node('ScatterElements', [zeros, places, write.name(x)], { axis: { int: 0 }, reduction: 'add' }, write.name(output));
  },
  sigmoid: elementwise('Sigmoid'),
  silu(write, { inputs: [x], output }) {
    write.node('QuickGelu', [write.name(x)], { alpha: 1 }, write.name(output), microsoft);
  },
  slice(write, { inputs: [x], output }, { axis, from, to }) {
    write.node('Slice', [write.name(x), ints(write, from), ints(write, to), ints(write, axis)], {}, write.name(output));
  },
  softmax(write, { inputs: [x], output }, { causal }) {
    const [rows, cols] = x.shape.slice(-2) as [number, number];
    const scores = causal ? write.node('Add', [write.name(x), hiddenScores(write, rows, cols, causal)]) : write.name(x);
    write.node('Softmax', [scores], { axis: { int: -1 } }, write.name(output));
  },
  sumTo(write, { inputs: [x], output }, { shape }) {
    const axes = [...withRank(shape, x.shape.length).entries()].filter(([axis, dim]) => dim !== x.shape[axis]).map(([axis]) => axis);
    const sum =
      axes.length === 0 ? write.name(x) : write.node('ReduceSum', [write.name(x), ints(write, ...axes)], { keepdims: { int: 1 } });
    write.node('Reshape', [sum, ints(write, ...shape)], {}, write.name(output));
  },
  transpose(write, { inputs: [x], output }, { axes }) {
    write.node('Transpose', [write.name(x)], { perm: axes }, write.name(output));
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
  const scores = write.node('Mul', [write.node('Reshape', [products, ints(write, heads, length, length)]), scalar(write, scale)]);
  const shares = write.node('Softmax', [write.node('Add', [scores, hiddenScores(write, length, length, { diagonal: 0, window })])], {
    axis: { int: -1 },
  });
  const restacked = write.node('Reshape', [shares, ints(write, kvHeads, group * length, length)]);
  const mixed = write.node('Reshape', [write.node('MatMul', [restacked, split(v, kvHeads, [1, 0, 2])]), ints(write, heads, length, dim)]);
  const joined = write.node('Transpose', [mixed], { perm: [1, 0, 2] });
  write.node('Reshape', [joined, ints(write, length, width)], {}, write.name(output));
}

/** What is added to scores `[rows, cols]` so that only those a row sees stay: 0, and -∞ elsewhere. */
function hiddenScores(write: Writer, rows: number, cols: number, { diagonal, window = Infinity }: Causal): string {
  const hidden = new Float32Array(rows * cols).fill(-Infinity);
  for (let t = 0; t < rows; t++) {
    const end = t + diagonal + 1;
    hidden.fill(0, t * cols + Math.max(0, end - window), t * cols + end);
  }
  return write.constant(hidden, [rows, cols]);
}

function scalar(write: Writer, value: number): string {
  return write.constant(Float32Array.of(value), []);
}

function ints(write: Writer, ...values: number[]): string {
  return write.constant(BigInt64Array.from(values, BigInt), [values.length]);
}
