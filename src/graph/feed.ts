/** Weights of the checkpoint as inputs of a graph, where they are to be others than those in its files. */

import type { GraphBuilder, Value } from './ir.ts';

/**
 * The same builder, for which these tensors are inputs.
 *
 * @param nameOf  the input of a tensor; the tensor's own name, unless given
 */
export function feeding(
  builder: GraphBuilder,
  tensors: ReadonlySet<string>,
  nameOf: (tensor: string) => string = (tensor) => tensor,
): GraphBuilder {
  const inputs = new Map<string, Value>();
  return {
    ...builder,
    parameter(tensor, shape, fromRow) {
      if (!tensors.has(tensor)) return builder.parameter(tensor, shape, fromRow);
      if (fromRow) throw new TypeError(`${tensor} is read in slices`);
      const value = inputs.get(tensor) ?? builder.input(nameOf(tensor), shape);
      inputs.set(tensor, value);
      return value;
    },
  };
}
