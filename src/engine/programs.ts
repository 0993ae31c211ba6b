/** Compiles the parts of a derived graph that someone reads. */

import { buildGraph, type Graph, type GraphBuilder, inline, type Value } from '../graph/ir.ts';
import type { Forward } from './forward.ts';
import type { Program } from './runtime.ts';

/** The program that computes some outputs of a graph and nothing that only others need. It takes no input that is not read. */
export async function compileOutputs(graph: Graph, outputs: readonly string[], forward: Forward): Promise<Program> {
  return compileGraph((builder) => {
    const values = inline(builder, graph, inputsOf(builder, graph));
    for (const name of outputs) builder.output(name, values[name]);
  }, forward);
}

/** A program that leaves out, of what it is fed, what its graph does not read. */
export async function compileGraph(write: (builder: GraphBuilder) => void, { runtime, weights }: Forward): Promise<Program> {
  const graph = buildGraph(write);
  const program = await runtime.compile(graph, weights);
  const isRead = new Set(graph.inputs.map(({ name }) => name));
  return {
    run: (feeds, into) => program.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => isRead.has(name))), into),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** An input of the builder for every input of a graph, under its name. */
export function inputsOf(builder: GraphBuilder, { inputs }: Graph): Record<string, Value> {
  return Object.fromEntries(inputs.map(({ name, value }) => [name, builder.input(name, value.shape, value.type)]));
}
