/** Graphs as plain data, and the builder that writes them: every node's shape is known when it is added. */

import type { OpName, Ops } from './ops.ts';
import { shapes } from './shapes.ts';

export interface Value {
  readonly id: number;
  readonly type: 'f32' | 'i64';
  readonly shape: readonly number[];
}

export type Node = {
  readonly [K in OpName]: { readonly op: K; readonly attributes: Ops[K]; readonly inputs: readonly Value[]; readonly output: Value };
}[OpName];

/** A weight of the checkpoint, or some consecutive rows of one. */
export interface Parameter {
  readonly tensor: string;
  /** First row, for a slice of a matrix; 0 for the whole tensor. */
  readonly fromRow: number;
  readonly value: Value;
}

export interface Graph {
  readonly inputs: readonly { readonly name: string; readonly value: Value }[];
  readonly parameters: readonly Parameter[];
  readonly constants: readonly { readonly value: Value; readonly data: Float32Array }[];
  /** In the order they are computed. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
}

export interface GraphBuilder {
  input(name: string, shape: readonly number[], type?: Value['type']): Value;
  parameter(tensor: string, shape: readonly number[], fromRow?: number): Value;
  constant(data: Float32Array, shape: readonly number[]): Value;
  op<K extends OpName>(op: K, inputs: readonly Value[], attributes: Ops[K]): Value;
  output(name: string, value: Value): void;
}

/** The graph that `write` writes, without the nodes and weights that no output needs. */
export function buildGraph(write: (graph: GraphBuilder) => void): Graph {
  const inputs: { name: string; value: Value }[] = [];
  const parameters: Parameter[] = [];
  const constants: { value: Value; data: Float32Array }[] = [];
  const nodes: Node[] = [];
  const outputs: { name: string; value: Value }[] = [];
  let nValues = 0;
  const create = (shape: readonly number[], type: Value['type'] = 'f32'): Value => ({ id: nValues++, type, shape });

  write({
    input(name, shape, type) {
      const value = create(shape, type);
      inputs.push({ name, value });
      return value;
    },
    parameter(tensor, shape, fromRow = 0) {
      const value = create(shape);
      parameters.push({ tensor, fromRow, value });
      return value;
    },
    constant(data, shape) {
      const value = create(shape);
      constants.push({ value, data });
      return value;
    },
    op(op, opInputs, attributes) {
      const output = create(shapes[op](opInputs, attributes));
      nodes.push({ op, attributes, inputs: opInputs, output } as Node);
      return output;
    },
    output(name, value) {
      outputs.push({ name, value });
    },
  });
  return withoutUnread({ inputs, parameters, constants, nodes, outputs });
}

function withoutUnread(graph: Graph): Graph {
  const read = new Set(graph.outputs.map((output) => output.value.id));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!read.has(node.output.id)) return false;
    for (const input of node.inputs) read.add(input.id);
    return true;
  });
  return {
    inputs: graph.inputs.filter((input) => read.has(input.value.id)),
    parameters: graph.parameters.filter((parameter) => read.has(parameter.value.id)),
    constants: graph.constants.filter((constant) => read.has(constant.value.id)),
    nodes: nodes.reverse(),
    outputs: graph.outputs,
  };
}
