/** An allocator gives every slot its own sparsity under one total. */

import type * as v from 'valibot';
import type { Card, Options } from './card.ts';
import type { Gives, MatrixSensitivity } from './sensitivity.ts';

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

/** How many weights a slot has. */
export function sizeOf(slot: Pick<Slot, 'out' | 'in'>): number {
  return slot.out * slot.in;
}

/** How many weights slots have together. */
export function weightsOf(slots: readonly Pick<Slot, 'out' | 'in'>[]): number {
  return slots.reduce((sum, slot) => sum + sizeOf(slot), 0);
}

/** What an allocator is fed. */
export interface Feed {
  /** What the measure has to give. */
  readonly gives: readonly Gives[];
  /** The measure where the recipe names none. */
  readonly measure: string;
  /** Whether no other will do. */
  readonly only: boolean;
}

export interface AllocateInput {
  readonly slots: readonly Slot[];
  /** Share of zeros of all slots together. */
  readonly sparsity: number;
  /** The least and most sparsity of each slot, f64; the two are one where a slot is fixed. */
  readonly least: Float64Array;
  readonly most: Float64Array;
  /** One a slot, in their order; empty where `feed` is `null`. */
  readonly sensitivities: readonly MatrixSensitivity[];
}

export interface Allocator<O extends Options = Options> extends Card<O> {
  readonly feed: Feed | null;
  /**
   * The sparsity wished for every slot, before rounding to counts; its mean weighted by parameters is `sparsity`, unless the method is one
   * that misses it. It need not keep within the limits, nor within [0, 1]: all free slots are moved by one offset until the total is met.
   */
  allocate(input: AllocateInput, options: v.InferOutput<O>): Float64Array;
}

export function defineAllocator<O extends Options>(allocator: Allocator<O>): Allocator<O> {
  return allocator;
}

/** Whether what a measure gives is what an allocator is fed. */
export function isFedBy({ gives, measure, only }: Feed, found: { readonly method: string; readonly gives: Gives }): boolean {
  return only ? found.method === measure : gives.includes(found.gives);
}
