/** The numbers that are read from a block's derivatives, written into its program so that nothing of the size of a weight leaves it. */

import type { Linear } from '../families/family.ts';
import type { GraphBuilder, Value } from '../graph/ir.ts';
import type { BlockValues } from './gradient-walk.ts';

/** A number, `[1]`, of one linear. */
export type WriteNumber = (builder: GraphBuilder, values: BlockValues, linear: Linear) => Value;

/** ‖G‖² */
export const squaredNorm: WriteNumber = (builder, values, linear) => {
  const gradient = values.gradient(linear);
  return dot(builder, gradient, gradient);
};

/** The same as Σ (DDᵀ ∘ XXᵀ), since G = DᵀX: two matrices over positions in place of one of the size of the weight. */
export const gramNorm: WriteNumber = (builder, values, linear) => {
  const [outputs, inputs] = [values.outputGradient(linear), values.input(linear)];
  return dot(builder, builder.op('linear', [outputs, outputs], {}), builder.op('linear', [inputs, inputs], {}));
};

/** ⟨Z, G'⟩ with G = DᵀX, so G' = D'ᵀX + DᵀX': ⟨D', XZᵀ⟩ + ⟨D, X'Zᵀ⟩, again without a buffer of the size of the weight. */
export const curvature: WriteNumber = (builder, values, linear) => {
  const through = (input: Value) => builder.op('linear', [input, values.probe(linear)], {});
  const first = dot(builder, values.outputGradientTangent(linear), through(values.input(linear)));
  return builder.op('add', [first, dot(builder, values.outputGradient(linear), through(values.inputTangent(linear)))], {});
};

function dot(builder: GraphBuilder, a: Value, b: Value): Value {
  return builder.op('sumTo', [builder.op('mul', [a, b], {})], { shape: [1] });
}
