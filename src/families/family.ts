/** What a family makes of a checkpoint's config: how the model computes, and which of its weights can be pruned. */

import type { GraphBuilder, Value } from '../graph/ir.ts';

/** A linear of a decoder block whose weight can be pruned. */
export interface Linear {
  /** The weight's name in the checkpoint. */
  readonly tensor: string;
  /** Index of the decoder block. */
  readonly block: number;
  /** The last part of the module's name: `q_proj`, `down_proj`, … */
  readonly kind: string;
  readonly out: number;
  readonly in: number;
  /** The name of the block value it reads; linears that read the same one share its statistics. */
  readonly input: string;
}

export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Model {
  readonly modelType: string;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  readonly nBlocks: number;
  /** The longest sequence the model was made for, in tokens. */
  readonly maxLength: number;
  /** The linears of one block, in the order in which the block computes their inputs. */
  linears(block: number): readonly Linear[];
  /** Every weight the graphs below read. */
  tensors(): readonly TensorShape[];
  /** Token ids i64 `[T]` → hidden states `[T, hidden]`. */
  embed(graph: GraphBuilder, ids: Value): Value;
  /** Hidden states `[T, hidden]` entering a block → those leaving it, and the inputs `[T, in]` of its linears by name. */
  block(graph: GraphBuilder, block: number, hidden: Value): { readonly hidden: Value; readonly inputs: Readonly<Record<string, Value>> };
  /** Hidden states leaving the last block → logits of the tokens `from` … `to - 1`, `[T, to - from]`. */
  head(graph: GraphBuilder, hidden: Value, from: number, to: number): Value;
}

/** Reads the parsed `config.json`; throws `BAD_CHECKPOINT` or `UNSUPPORTED` naming the field. */
export type Family = (config: unknown) => Model;
