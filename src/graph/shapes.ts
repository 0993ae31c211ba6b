/** The shape every operation gives, and the demands it makes on its inputs' shapes. */

import { SecateurError } from '../error.ts';
import type { Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';

type ShapeRule<K extends OpName> = (inputs: readonly Value[], attributes: Ops[K]) => readonly number[];

export const shapes: { readonly [K in OpName]: ShapeRule<K> } = {
  add: equal,
  attention([q, k, v], { heads, kvHeads }) {
    const length = q.shape[0];
    const headDim = q.shape[1] / heads;
    demand('attention', Number.isInteger(headDim) && heads % kvHeads === 0, q, k);
    demand('attention', k.shape[0] === length && k.shape[1] === kvHeads * headDim, q, k);
    demand('attention', same(k.shape, v.shape), k, v);
    return q.shape;
  },
  gather([table, index]) {
    return [index.shape[0], table.shape[1]];
  },
  gram([x, c], { from, to }) {
    const n = x.shape[1];
    demand('gram', from >= 0 && from < to && to <= n && same(c.shape, [to - from, n - from]), x, c);
    return c.shape;
  },
  linear([x, weight, bias]) {
    const [out, cols] = weight.shape;
    demand('linear', x.shape.length === 2 && x.shape[1] === cols, x, weight);
    if (bias) demand('linear', same(bias.shape, [out!]), weight, bias);
    return [x.shape[0], out!];
  },
  logSumExp([x]) {
    return x.shape.slice(0, -1);
  },
  mul: equal,
  pick([x, index]) {
    demand('pick', same(x.shape.slice(0, 1), index.shape), x, index);
    return index.shape;
  },
  reshape([x], { shape }) {
    demand('reshape', sizeOf(shape) === sizeOf(x.shape), x);
    return shape;
  },
  rmsNorm([x, weight]) {
    demand('rmsNorm', same(weight.shape, x.shape.slice(-1)), x, weight);
    return x.shape;
  },
  rope([x, cos, sin], { heads }) {
    demand('rope', same(cos.shape, [x.shape[0], x.shape[1] / heads / 2]) && same(cos.shape, sin.shape), x, cos, sin);
    return x.shape;
  },
  silu([x]) {
    return x.shape;
  },
};

/** How many elements a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

function equal([a, b]: readonly Value[]): readonly number[] {
  demand('element-wise operation', same(a.shape, b.shape), a, b);
  return a.shape;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

function demand(op: string, fits: boolean, ...inputs: Value[]): void {
  if (fits) return;
  throw new SecateurError(
    'SHAPE_MISMATCH',
    `${op}: shapes ${inputs.map((value) => `[${value.shape.join(', ')}]`).join(' and ')} do not fit`,
  );
}
