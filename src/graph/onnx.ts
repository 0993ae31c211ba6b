/** Lowers graphs to ONNX, with the weights left where they are: in the checkpoint's own files. */

import type { Graph, Value } from './ir.ts';
import { lower, type Writer } from './lowerings.ts';
import { encodeModel, type OnnxNode, type OnnxTensor, type OnnxType } from './protobuf.ts';
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

function bytesOf(data: BigInt64Array | Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
