/** Short ways to write the operations that formulas are made of. What would change nothing is not written. */

import type { GraphBuilder, Value } from './ir.ts';
import type { Ops } from './ops.ts';
import { sameShape } from './shapes.ts';

/** a + b, shapes broadcast. */
export function add(graph: GraphBuilder, a: Value, b: Value): Value {
  return graph.op('add', [a, b], {});
}

/** The sum of those that are there, if any is. */
export function sum(graph: GraphBuilder, ...values: readonly (Value | undefined)[]): Value | undefined {
  return values.filter((value) => value !== undefined).reduce<Value | undefined>((a, b) => (a ? add(graph, a, b) : b), undefined);
}

/** a · b element by element, shapes broadcast; with nothing, nothing. */
export function mul<A extends Value | undefined>(graph: GraphBuilder, a: A, b: Value): A {
  return (a && graph.op('mul', [a, b], {})) as A;
}

export function scale<A extends Value | undefined>(graph: GraphBuilder, x: A, factor: number): A {
  return (x && (factor === 1 ? x : graph.op('affine', [x], { scale: factor, shift: 0 }))) as A;
}

export function oneMinus(graph: GraphBuilder, x: Value): Value {
  return graph.op('affine', [x], { scale: -1, shift: 1 });
}

export function power(graph: GraphBuilder, x: Value, exponent: number): Value {
  return exponent === 1 ? x : graph.op('power', [x], { exponent });
}

/** a·b, or of either the transpose. */
export function matmul(
  graph: GraphBuilder,
  a: Value,
  b: Value,
  sides: { readonly transA?: boolean; readonly transB?: boolean } = {},
): Value {
  return graph.op('matmul', [a, b], { transA: false, transB: false, ...sides });
}

export function sumTo(graph: GraphBuilder, x: Value, shape: readonly number[]): Value {
  return sameShape(x.shape, shape) ? x : graph.op('sumTo', [x], { shape });
}

/** Σ x over the last axis, which stays as one of one. */
export function sumLast(graph: GraphBuilder, x: Value): Value {
  return sumTo(graph, x, x.shape.with(-1, 1));
}

export function expand(graph: GraphBuilder, x: Value, shape: readonly number[]): Value {
  return sameShape(x.shape, shape) ? x : graph.op('expand', [x], { shape });
}

export function zeros(graph: GraphBuilder, shape: readonly number[]): Value {
  return expand(graph, graph.constant(new Float32Array(1), []), shape);
}

export function reshape(graph: GraphBuilder, x: Value, ...shape: readonly number[]): Value {
  return sameShape(x.shape, shape) ? x : graph.op('reshape', [x], { shape });
}

export function slice(graph: GraphBuilder, x: Value, axis: number, from: number, to: number): Value {
  return from === 0 && to === x.shape[axis] ? x : graph.op('slice', [x], { axis, from, to });
}

/** x with zeros around it, so that it lies at `from` … of an axis of `width`. */
export function pad(graph: GraphBuilder, x: Value, axis: number, from: number, width: number): Value {
  const after = width - from - x.shape[axis];
  return from === 0 && after === 0 ? x : graph.op('pad', [x], { axis, before: from, after });
}

export function concat(graph: GraphBuilder, axis: number, ...values: readonly Value[]): Value {
  return values.length === 1 ? values[0] : graph.op('concat', values, { axis });
}

export function transpose(graph: GraphBuilder, x: Value, ...axes: readonly number[]): Value {
  return graph.op('transpose', [x], { axes });
}

/** The Jacobian of a softmax, which is symmetric, times x: y ∘ (x − Σ y∘x), the sum over the last axis. */
export function softmaxTimes(graph: GraphBuilder, y: Value, x: Value): Value {
  const offset = scale(graph, sumLast(graph, mul(graph, y, x)), -1);
  return mul(graph, add(graph, x, offset), y);
}

/**
 * The tangent of a product; nothing where neither factor has one. Where both have and the product is large against its factors, the two
 * products are one over joined factors: that costs less than to write both and add them up.
 */
export function pushMatmul(
  graph: GraphBuilder,
  [a, b]: readonly Value[],
  [aTangent, bTangent]: readonly (Value | undefined)[],
  sides: Ops['matmul'],
): Value | undefined {
  if (!aTangent || !bTangent) return (aTangent && matmul(graph, aTangent, b, sides)) ?? (bTangent && matmul(graph, a, bTangent, sides));
  const [innerA, innerB] = [sides.transA ? a.shape.length - 2 : a.shape.length - 1, sides.transB ? b.shape.length - 1 : b.shape.length - 2];
  const inner = a.shape[innerA];
  const [n, m] = [a.shape.at(sides.transA ? -1 : -2)!, b.shape.at(sides.transB ? -2 : -1)!];
  if (inner * (n + m) >= n * m) return add(graph, matmul(graph, aTangent, b, sides), matmul(graph, a, bTangent, sides));
  return matmul(graph, concat(graph, innerA, aTangent, a), concat(graph, innerB, b, bTangent), sides);
}
