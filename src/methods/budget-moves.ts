/** Makes budgets from one another by moving zeros between two matrices, so that their total never changes. */

import type { Random } from '../tensor/random.ts';
import { type Slot, sizeOf } from './allocator.ts';

/** Zeros of each slot. */
export type Zeros = readonly number[];

/** Of the smaller of the two matrices, at most so much is moved at once; of the smallest of all, so much is the step of every move. */
const moveShare = 0.1;

/** No matrix gets more zeros than this share of it. */
const mostSparse = 0.99;

/** Of one offspring: the lesser of two draws from 1 to this many. */
const mostMoves = 3;

/** A parent from which nothing new can be made in so many tries for each offspring has none. */
const patience = 50;

/** All moves are of whole steps, so that budgets that come of one another have sparsities in common: what was solved once serves again. */
export function stepOf(slots: readonly Slot[]): number {
  return Math.max(1, Math.round(moveShare * Math.min(...slots.map(sizeOf))));
}

/**
 * Offspring that differ from the parent, and from each other.
 *
 * Each takes one, two or three moves. A move takes zeros from one matrix and gives as many to another, both drawn evenly: one step, or two,
 * or four, and so on, up to a tenth of the smaller one.
 *
 * @returns  `n`, or fewer where there are not that many
 */
export function makeOffspring(parent: Zeros, slots: readonly Slot[], n: number, random: Random): Zeros[] {
  const step = stepOf(slots);
  const offspring = new Map<string, Zeros>();
  for (let tries = 0; offspring.size < n && tries < n * patience; tries++) {
    const child = [...parent];
    const nMoves = 1 + Math.min(random.below(mostMoves), random.below(mostMoves));
    for (let k = 0; k < nMoves; k++) move(child, slots, step, random);
    if (child.some((zeros, i) => zeros !== parent[i])) offspring.set(child.join(), child);
  }
  return [...offspring.values()];
}

/** Changes nothing where what was drawn cannot be. */
function move(zeros: number[], slots: readonly Slot[], step: number, random: Random): void {
  const from = random.below(slots.length);
  const to = random.below(slots.length);
  const smaller = Math.min(sizeOf(slots[from]), sizeOf(slots[to]));
  const nSizes = 1 + Math.max(0, Math.floor(Math.log2((moveShare * smaller) / step)));
  const amount = step * 2 ** random.below(nSizes);
  if (from === to || zeros[from] < amount || zeros[to] + amount > mostSparse * sizeOf(slots[to])) return;
  zeros[from] -= amount;
  zeros[to] += amount;
}
