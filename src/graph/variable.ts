/** Finds what a derivative can be taken along: inputs, and parameters by their tensors' names. */

import type { Graph, Value } from './ir.ts';

/** @throws TypeError  where no input or parameter has the name, more than one has, or it holds whole numbers */
export function findVariable(graph: Graph, name: string): Value {
  const found = [
    ...graph.inputs.filter((input) => input.name === name),
    ...graph.parameters.filter((parameter) => parameter.tensor === name),
  ];
  if (found.length !== 1) throw new TypeError(`${found.length} inputs and parameters of the graph are named ${name}; there must be one`);
  if (found[0].value.type !== 'f32') throw new TypeError(`${name} holds whole numbers, which have no derivative`);
  return found[0].value;
}
