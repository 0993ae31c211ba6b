/**
 * Attention in plain operations, with its derivatives: queries a chunk at a time, so that no chunk meets the keys after it, and the query
 * heads of one kv head stacked, so that keys are never repeated.
 */

import type { GraphBuilder, Value } from './ir.ts';
import type { Ops } from './ops.ts';
import { concat, matmul, mul, pad, pushMatmul, reshape, scale, slice, softmaxTimes, sum, sumLast, transpose } from './terms.ts';

type Attributes = Ops['attention'];

/** What a chunk of queries sees; `rows` are its positions times the query heads of one kv head. */
export interface AttentionPart {
  /** Positions of the queries, and of the keys. */
  readonly from: number;
  readonly to: number;
  readonly firstKey: number;
  /** Scaled, `[kvHeads, rows, d]`. */
  readonly queries: Value;
  /** `[kvHeads, keys, d]`, and so `values`. */
  readonly keys: Value;
  readonly values: Value;
  /** Softmax of the scores, `[kvHeads, rows, keys]`. */
  readonly shares: Value;
}

export function spellAttention(graph: GraphBuilder, [q, k, v]: readonly Value[], attributes: Attributes) {
  const { kvHeads, heads } = attributes;
  const [keys, values] = [splitHeads(graph, k, kvHeads), splitHeads(graph, v, kvHeads)];
  const parts = chunks(q.shape[0], attributes.window).map((chunk): AttentionPart => {
    const { from, to, firstKey } = chunk;
    const queries = stack(graph, scale(graph, slice(graph, q, 0, from, to), attributes.scale), attributes);
    const seen = { queries, keys: slice(graph, keys, 1, firstKey, to), values: slice(graph, values, 1, firstKey, to) };
    const scores = matmul(graph, queries, seen.keys, { transB: true });
    const { window } = attributes;
    const causal = { diagonal: from - firstKey, ...(window === undefined ? {} : { window }) };
    const byHead = reshape(graph, scores, heads, to - from, to - firstKey);
    return { ...chunk, ...seen, shares: reshape(graph, graph.op('softmax', [byHead], { causal }), ...scores.shape) };
  });
  const mixed = parts.map(({ shares, values }) => unstack(graph, matmul(graph, shares, values), attributes));
  return { output: concat(graph, 0, ...mixed), inside: parts };
}

/**
 * With P the shares, Y their mix of the values and G the cotangent of Y, the cotangent of the scores is P ∘ (G·Vᵀ − Σ G∘Y), the sum
 * over each row. It is taken off within the product, as one more column, which saves a pass over the largest array there is.
 */
export function pullAttention(
  graph: GraphBuilder,
  cotangent: Value,
  { output, attributes }: { readonly output: Value; readonly attributes: Attributes },
  parts: readonly AttentionPart[],
): Value[] {
  const { heads, kvHeads } = attributes;
  const [length, width] = output.shape as [number, number];
  const sums = sumLast(graph, reshape(graph, mul(graph, cotangent, output), length, heads, width / heads));
  const offsets = scale(graph, reshape(graph, sums, length, heads), -1);
  const pulled = parts.map(({ from, to, firstKey, queries, keys, values, shares }) => {
    const g = stack(graph, slice(graph, cotangent, 0, from, to), attributes);
    const left = concat(graph, 2, g, stack(graph, slice(graph, offsets, 0, from, to), attributes));
    const ones = graph.constant(new Float32Array(kvHeads * (to - firstKey)).fill(1), [kvHeads, to - firstKey, 1]);
    const scores = mul(graph, matmul(graph, left, concat(graph, 2, values, ones), { transB: true }), shares);
    const all = (x: Value) => pad(graph, x, 1, firstKey, length);
    return {
      q: scale(graph, unstack(graph, matmul(graph, scores, keys), attributes), attributes.scale),
      k: all(matmul(graph, scores, queries, { transA: true })),
      v: all(matmul(graph, shares, g, { transA: true })),
    };
  });
  const joined = (side: 'k' | 'v') => joinHeads(graph, sum(graph, ...pulled.map((part) => part[side]))!);
  return [concat(graph, 0, ...pulled.map(({ q }) => q)), joined('k'), joined('v')];
}

export function pushAttention(
  graph: GraphBuilder,
  [q, k, v]: readonly (Value | undefined)[],
  attributes: Attributes,
  parts: readonly AttentionPart[],
): Value {
  const [keyTangents, valueTangents] = [k, v].map((x) => x && splitHeads(graph, x, attributes.kvHeads));
  const mixed = parts.map(({ from, to, firstKey, queries, keys, values, shares }) => {
    const rows = q && stack(graph, scale(graph, slice(graph, q, 0, from, to), attributes.scale), attributes);
    const seen = (x: Value | undefined) => x && slice(graph, x, 1, firstKey, to);
    const scores = pushMatmul(graph, [queries, keys], [rows, seen(keyTangents)], { transA: false, transB: true });
    const tangent = scores && softmaxTimes(graph, shares, scores);
    return unstack(
      graph,
      pushMatmul(graph, [shares, values], [tangent, seen(valueTangents)], { transA: false, transB: false })!,
      attributes,
    );
  });
  return concat(graph, 0, ...mixed);
}

/** As many chunks as leave few keys that are multiplied and then hidden, and each large enough for a fast product. */
function chunks(length: number, window = Infinity): { readonly from: number; readonly to: number; readonly firstKey: number }[] {
  const n = Math.min(8, Math.ceil(length / 64));
  const edge = (i: number) => Math.round((i * length) / n);
  return Array.from({ length: n }, (_, i) => ({ from: edge(i), to: edge(i + 1), firstKey: Math.max(0, edge(i) - window + 1) }));
}

/** `[T, heads·d]` → `[heads, T, d]`. */
function splitHeads(graph: GraphBuilder, x: Value, heads: number): Value {
  return transpose(graph, reshape(graph, x, x.shape[0], heads, x.shape[1] / heads), 1, 0, 2);
}

/** `[heads, T, d]` → `[T, heads·d]`. */
function joinHeads(graph: GraphBuilder, x: Value): Value {
  const [heads, length, width] = x.shape as [number, number, number];
  return reshape(graph, transpose(graph, x, 1, 0, 2), length, heads * width);
}

/** `[T, heads·d]` → `[kvHeads, group·T, d]`: the query heads of a kv head one below the other. */
function stack(graph: GraphBuilder, x: Value, { heads, kvHeads }: Attributes): Value {
  return reshape(graph, splitHeads(graph, x, heads), kvHeads, (heads / kvHeads) * x.shape[0], x.shape[1] / heads);
}

/** `[kvHeads, group·T, d]` → `[T, heads·d]`. */
function unstack(graph: GraphBuilder, x: Value, { heads, kvHeads }: Attributes): Value {
  return joinHeads(graph, reshape(graph, x, heads, (x.shape[1] * kvHeads) / heads, x.shape[2]));
}
