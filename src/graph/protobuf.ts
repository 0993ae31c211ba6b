/** Writes ONNX model files: the few protobuf messages of onnx.proto3 that Secateur needs, by field number. */

export type OnnxType = 'f32' | 'f16' | 'bf16' | 'f64' | 'i32' | 'i64' | 'bool';

/** `TensorProto.DataType` of each element type. */
const dataTypes: Record<OnnxType, number> = { f32: 1, i32: 6, i64: 7, bool: 9, f16: 10, f64: 11, bf16: 16 };

export type OnnxAttribute = number | string | readonly number[] | { readonly int: number };

export interface OnnxNode {
  readonly op: string;
  readonly domain?: string;
  /** An empty string skips an optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** A plain number is a float attribute, `{ int }` an integer one, an array a list of integers. */
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** The bytes themselves, or where the runtime finds them: a file's name beside the model, offset and length in bytes. */
  readonly data: Uint8Array | { readonly location: string; readonly offset: number; readonly length: number };
}

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  /** A name in place of a number leaves that dimension open. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** The bytes of an ONNX model, opset 21, with onnxruntime's `com.microsoft` operators allowed. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return message([
    int(1, 10),
    text(2, 'secateur'),
    sub(7, [
      ...model.nodes.map((node) => sub(1, nodeFields(node))),
      text(2, 'secateur'),
      ...model.initializers.map((tensor) => sub(5, tensorFields(tensor))),
      ...model.inputs.map((value) => sub(11, valueFields(value))),
      ...model.outputs.map((value) => sub(12, valueFields(value))),
    ]),
    sub(8, [text(1, ''), int(2, 21)]),
    sub(8, [text(1, 'com.microsoft'), int(2, 1)]),
  ]);
}

type Field = readonly Uint8Array[];

function nodeFields(node: OnnxNode): Field[] {
  return [
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) => sub(5, attributeFields(name, value))),
    text(7, node.domain ?? ''),
  ];
}

function attributeFields(name: string, value: OnnxAttribute): Field[] {
  if (typeof value === 'number') return [text(1, name), float(2, value), int(20, 1)];
  if (typeof value === 'string') return [text(1, name), text(4, value), int(20, 3)];
  if ('int' in value) return [text(1, name), int(3, value.int), int(20, 2)];
  return [text(1, name), ...value.map((item) => int(8, item)), int(20, 7)];
}

function tensorFields(tensor: OnnxTensor): Field[] {
  const head = [...tensor.shape.map((dim) => int(1, dim)), int(2, dataTypes[tensor.type]), text(8, tensor.name)];
  if (tensor.data instanceof Uint8Array) return [...head, bytes(9, tensor.data)];
  const entry = (key: string, value: string) => sub(13, [text(1, key), text(2, value)]);
  const { location, offset, length } = tensor.data;
  return [...head, entry('location', location), entry('offset', `${offset}`), entry('length', `${length}`), int(14, 1)];
}

function valueFields(value: OnnxValue): Field[] {
  const dims = value.shape.map((dim) => sub(1, [typeof dim === 'string' ? text(2, dim) : int(1, dim)]));
  return [text(1, value.name), sub(2, [sub(1, [int(1, dataTypes[value.type]), sub(2, dims)])])];
}

const encoder = new TextEncoder();

function int(field: number, value: number): Field {
  return [varint(field * 8), varint(value)];
}

function float(field: number, value: number): Field {
  return [varint(field * 8 + 5), new Uint8Array(new Float32Array([value]).buffer)];
}

function bytes(field: number, value: Uint8Array): Field {
  return [varint(field * 8 + 2), varint(value.length), value];
}

function text(field: number, value: string): Field {
  return bytes(field, encoder.encode(value));
}

function sub(field: number, fields: readonly Field[]): Field {
  const body = fields.flat();
  return [varint(field * 8 + 2), varint(body.reduce((sum, part) => sum + part.length, 0)), ...body];
}

/** Base-128 of a signed 64-bit integer; a negative one takes ten bytes of two's complement, as protobuf asks. */
function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}

function message(fields: readonly Field[]): Uint8Array {
  const parts = fields.flat();
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
