/** Random draws that hold no more than they must: an order looked at one by one, and places that do not overlap. */

import type { Random } from '../../tensor/random.ts';

/** The numbers below `count` in random order. A Fisher-Yates shuffle that remembers only what it moved, for orders not followed to their end. */
export function* randomOrder(count: number, random: Random): Generator<number> {
  const moved = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const j = i + random.below(count - i);
    yield moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
    moved.delete(i);
  }
}

/**
 * Where `count` windows of `length` begin in a sequence of `total` without overlap, in random order.
 *
 * Every way to lay them is equally likely: the sets of `count` numbers below `total - count·length + count` are those ways with each
 * window shrunk to one place.
 *
 * @see Bentley and Floyd 1987, "A sample of brilliance", for the random set
 */
export function disjointStarts(total: number, count: number, length: number, random: Random): number[] {
  const places = total - count * length + count;
  const chosen = new Set<number>();
  for (let j = places - count; j < places; j++) {
    const place = random.below(j + 1);
    chosen.add(chosen.has(place) ? j : place);
  }
  const starts = [...chosen].sort((a, b) => a - b).map((place, i) => place + i * (length - 1));
  return [...randomOrder(count, random)].map((i) => starts[i]);
}
