/** The shape every operation gives, and the demands it makes on its inputs' shapes. */

import { SecateurError } from '../error.ts';
import type { Value } from './ir.ts';
import type { OpName, Ops } from './ops.ts';

type ShapeRule<K extends OpName> = (inputs: readonly Value[], attributes: Ops[K]) => readonly number[];

export const shapes: { readonly [K in OpName]: ShapeRule<K> } = {
  add: broadcast,
  affine: unchanged,
  attention([q, k, v], { heads, kvHeads }) {
    const length = q.shape[0];
    const headDim = q.shape[1] / heads;
    demand('attention', Number.isInteger(headDim) && heads % kvHeads === 0, q, k);
    demand('attention', k.shape[0] === length && k.shape[1] === kvHeads * headDim, q, k);
    demand('attention', sameShape(k.shape, v.shape), k, v);
    return q.shape;
  },
  concat(inputs, { axis }) {
    const [first] = inputs;
    const rest = (value: Value) => value.shape.toSpliced(axis, 1);
    demand('concat', axis < first.shape.length && inputs.every((input) => sameShape(rest(input), rest(first))), ...inputs);
    return first.shape.with(
      axis,
      inputs.reduce((sum, input) => sum + input.shape[axis], 0),
    );
  },
  expand([x], { shape }) {
    demand('expand', isBroadcast(x.shape, shape), x);
    return shape;
  },
  gather([table, index]) {
    return [index.shape[0], table.shape[1]];
  },
  gram([x, c], { from, to }) {
    const n = x.shape[1];
    demand('gram', from >= 0 && from < to && to <= n && sameShape(c.shape, [to - from, n - from]), x, c);
    return c.shape;
  },
  linear([x, weight, bias]) {
    const [out, cols] = weight.shape;
    demand('linear', x.shape.length === 2 && x.shape[1] === cols, x, weight);
    const shape = [x.shape[0], out!];
    if (bias) demand('linear', sameShape(bias.shape, [out!]) || sameShape(bias.shape, shape), weight, bias);
    return shape;
  },
  logSumExp([x]) {
    return x.shape.slice(0, -1);
  },
  matmul([a, b], { transA, transB }) {
    const rank = a.shape.length;
    const [n, k] = transA ? [a.shape[rank - 1], a.shape[rank - 2]] : a.shape.slice(-2);
    const [inner, m] = transB ? [b.shape[rank - 1], b.shape[rank - 2]] : b.shape.slice(-2);
    const batch = a.shape.slice(0, -2);
    demand('matmul', (rank === 2 || rank === 3) && k === inner && sameShape(batch, b.shape.slice(0, -2)), a, b);
    return [...batch, n, m];
  },
  mul: broadcast,
  pad([x], { axis, before, after }) {
    demand('pad', axis < x.shape.length && before >= 0 && after >= 0, x);
    return x.shape.with(axis, before + x.shape[axis] + after);
  },
  pick([x, index]) {
    demand('pick', x.shape.length === 2 && sameShape(x.shape.slice(0, 1), index.shape), x, index);
    return index.shape;
  },
  place([x, index], { width }) {
    demand('place', x.shape.length === 1 && sameShape(x.shape, index.shape), x, index);
    return [x.shape[0], width];
  },
  power: unchanged,
  reshape([x], { shape }) {
    demand('reshape', sizeOf(shape) === sizeOf(x.shape), x);
    return shape;
  },
  rmsNorm([x, weight]) {
    demand('rmsNorm', sameShape(weight.shape, x.shape.slice(-1)), x, weight);
    return x.shape;
  },
  rope([x, cos, sin], { heads }) {
    demand('rope', sameShape(cos.shape, [x.shape[0], x.shape[1] / heads / 2]) && sameShape(cos.shape, sin.shape), x, cos, sin);
    return x.shape;
  },
  scatter([x, index], { rows }) {
    demand('scatter', x.shape.length === 2 && sameShape(x.shape.slice(0, 1), index.shape), x, index);
    return [rows, x.shape[1]];
  },
  sigmoid: unchanged,
  silu: unchanged,
  slice([x], { axis, from, to }) {
    demand('slice', axis < x.shape.length && from >= 0 && from < to && to <= x.shape[axis], x);
    return x.shape.with(axis, to - from);
  },
  softmax([x], { causal }) {
    const [rows, cols] = x.shape.slice(-2);
    if (causal) demand('softmax', x.shape.length > 1 && causal.diagonal >= 0 && rows + causal.diagonal <= cols, x);
    return x.shape;
  },
  sumTo([x], { shape }) {
    demand('sumTo', isBroadcast(shape, x.shape), x);
    return shape;
  },
  transpose([x], { axes }) {
    demand('transpose', sameShape(axes.toSorted(), [...x.shape.keys()]), x);
    return axes.map((axis) => x.shape[axis]);
  },
};

/** How many elements a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** A shape with axes of one in front, up to a rank. */
export function withRank(shape: readonly number[], rank: number): readonly number[] {
  return [...Array<number>(rank - shape.length).fill(1), ...shape];
}

/** Whether elements of `shape` can be repeated to fill `whole`. */
function isBroadcast(shape: readonly number[], whole: readonly number[]): boolean {
  if (shape.length > whole.length) return false;
  return withRank(shape, whole.length).every((dim, axis) => dim === 1 || dim === whole[axis]);
}

function broadcast([a, b]: readonly Value[]): readonly number[] {
  const rank = Math.max(a.shape.length, b.shape.length);
  const [left, right] = [withRank(a.shape, rank), withRank(b.shape, rank)];
  const shape = left.map((dim, axis) => Math.max(dim, right[axis]));
  demand('element-wise operation', isBroadcast(a.shape, shape) && isBroadcast(b.shape, shape), a, b);
  return shape;
}

function unchanged([x]: readonly Value[]): readonly number[] {
  return x.shape;
}

function demand(op: string, fits: boolean, ...inputs: Value[]): void {
  if (fits) return;
  throw new SecateurError(
    'SHAPE_MISMATCH',
    `${op}: shapes ${inputs.map((value) => `[${value.shape.join(', ')}]`).join(' and ')} do not fit`,
  );
}
