/** The top of a model a slice of the vocabulary at a time, so that the logits of a window stay small however many tokens there are. */

import type { Model } from '../families/family.ts';
import type { GraphBuilder, Value } from '../graph/ir.ts';

/** Tokens from … to - 1. */
export interface VocabularySlice {
  readonly from: number;
  readonly to: number;
}

/** Slices whose logits for one window stay under 64 MiB. */
export function vocabularySlices(vocabSize: number, length: number): VocabularySlice[] {
  const n = Math.ceil((vocabSize * length * 4) / (64 * 2 ** 20));
  const edge = (i: number) => Math.round((i * vocabSize) / n);
  return Array.from({ length: n }, (_, i) => ({ from: edge(i), to: edge(i + 1) }));
}

/**
 * What a slice says of the states that leave the last block, the input `hidden`: its logits `[length, to - from]`, log Σ exp of them, and
 * those that the input `columns` picks, both `[length]`.
 */
export function writeHeadSlice(
  builder: GraphBuilder,
  model: Model,
  length: number,
  { from, to }: VocabularySlice,
): { readonly [K in 'logits' | 'total' | 'picked']: Value } {
  const logits = model.head(builder, builder.input('hidden', [length, model.hiddenSize]), from, to);
  const total = builder.op('logSumExp', [logits], {});
  return { logits, total, picked: builder.op('pick', [logits, builder.input('columns', [length], 'i64')], {}) };
}

/** log(exp a + exp b), by which the totals of slices become that of the whole vocabulary. */
export function logAddExp(a: number, b: number): number {
  const top = Math.max(a, b);
  return top + Math.log(Math.exp(a - top) + Math.exp(b - top));
}
