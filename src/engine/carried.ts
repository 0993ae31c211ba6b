/** What a walk over the blocks carries for every window: hidden states, or cotangents of them, with their tangents along each probe. */

import type { Context } from './context.ts';
import { createHiddenStates, type HiddenShape, type HiddenStates } from './hidden.ts';

export interface Carried extends Disposable {
  readonly dense: HiddenStates;
  /** One a probe. */
  readonly tangents: readonly HiddenStates[];
}

/** How states are kept: their shape, their tangents, and the limits they share. */
export interface CarriedShape extends HiddenShape {
  readonly nTangents: number;
}

/** @param nAtOnce  how many of these there are at the same time; together they keep within the share of memory that is for states */
export function createCarried(
  { nTangents, ...shape }: CarriedShape,
  nAtOnce: number,
  { memoryLimitBytes, scratchFolder }: Pick<Context, 'memoryLimitBytes' | 'scratchFolder'>,
): Carried {
  const limits = { memoryLimitBytes: memoryLimitBytes / (nAtOnce * (1 + nTangents)), scratchFolder };
  const dense = createHiddenStates(shape, limits);
  const tangents = Array.from({ length: nTangents }, () => createHiddenStates(shape, limits));
  return {
    dense,
    tangents,
    [Symbol.dispose]() {
      for (const states of [dense, ...tangents]) states[Symbol.dispose]();
    },
  };
}

/** A pile that lets go of what is still on it when its scope ends. */
export interface Pile<T extends Disposable> extends Disposable {
  push(item: T): T;
  /** Takes the last one away; it is the caller's from then on. */
  pop(): T;
}

export function createPile<T extends Disposable>(): Pile<T> {
  const items: T[] = [];
  return {
    push(item) {
      items.push(item);
      return item;
    },
    pop: () => items.pop()!,
    [Symbol.dispose]() {
      for (const item of items.splice(0)) item[Symbol.dispose]();
    },
  };
}
