/** Graphs as plain data, and the builder that writes them: every node's shape is known when it is added. */

import type { OpName, Ops } from './ops.ts';
import { sameShape, shapes } from './shapes.ts';

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
  /** The same rows of the same tensor are one parameter, however often they are asked for. */
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
  const claim = (name: string, taken: readonly { readonly name: string }[]) => {
    if (taken.some((other) => other.name === name)) throw new TypeError(`the graph has two inputs or two outputs named ${name}`);
  };

  write({
    input(name, shape, type) {
      claim(name, inputs);
      const value = create(shape, type);
      inputs.push({ name, value });
      return value;
    },
    parameter(tensor, shape, fromRow = 0) {
      const known = parameters.find((other) => other.tensor === tensor && other.fromRow === fromRow && sameShape(other.value.shape, shape));
      if (known) return known.value;
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
      claim(name, outputs);
      outputs.push({ name, value });
    },
  });
  return withoutUnread({ inputs, parameters, constants, nodes, outputs });
}

/**
 * Writes a whole graph into a builder, its inputs replaced by values, and gives its outputs by name.
 *
 * @throws TypeError  where an input gets no value, or one of another shape or type
 */
export function inline(builder: GraphBuilder, graph: Graph, feeds: Readonly<Record<string, Value>>): Record<string, Value> {
  const values = inlineLeaves(builder, graph, ({ name, value }) => {
    const feed = feeds[name];
    if (feed && feed.type === value.type && sameShape(feed.shape, value.shape)) return feed;
    throw new TypeError(`${name}: ${feed ? `${feed.type} [${feed.shape.join(', ')}]` : 'nothing'} for [${value.shape.join(', ')}]`);
  });
  for (const node of graph.nodes)
    values.set(
      node.output.id,
      inlineNode(
        builder,
        node,
        node.inputs.map((input) => values.get(input.id)!),
      ),
    );
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, values.get(value.id)!]));
}

/** Writes what a graph starts from, its inputs as told, into a builder; the new values by the ids of those they stand for. */
export function inlineLeaves(builder: GraphBuilder, graph: Graph, feed: (input: Graph['inputs'][number]) => Value): Map<number, Value> {
  const values = new Map<number, Value>();
  for (const input of graph.inputs) values.set(input.value.id, feed(input));
  for (const { tensor, fromRow, value } of graph.parameters) values.set(value.id, builder.parameter(tensor, value.shape, fromRow));
  for (const { value, data } of graph.constants) values.set(value.id, builder.constant(data, value.shape));
  return values;
}

/** Writes a node over other inputs. */
export function inlineNode(builder: GraphBuilder, { op, attributes }: Node, inputs: readonly Value[]): Value {
  return builder.op<OpName>(op, inputs, attributes);
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
