/** An allocator gives every slot its own sparsity under one total. */

import type * as v from 'valibot';
import type { Card, Options } from './card.ts';

/** What gets a sparsity of its own: for now, one weight matrix. */
export interface Slot {
  /** The tensor's name in the checkpoint. */
  readonly name: string;
  /** Index of the decoder block. */
  readonly block: number;
  /** The last part of the module's name: `q_proj`, `down_proj`, … */
  readonly kind: string;
  readonly out: number;
  readonly in: number;
}

export interface Allocator<O extends Options = Options> extends Card<O> {
  /** Sparsity of every slot, `[0, 1)`, whose mean weighted by parameters is `sparsity`; before rounding to counts. */
  allocate(slots: readonly Slot[], sparsity: number, options: v.InferOutput<O>): Float64Array;
}

export function defineAllocator<O extends Options>(allocator: Allocator<O>): Allocator<O> {
  return allocator;
}
