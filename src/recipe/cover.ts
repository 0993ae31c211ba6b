/** Which slots each glob covers, worked out once for a list of slots: a budget is made for every frame of a drag. */

import type { Slot } from '../methods/allocator.ts';
import { createMatcher, isLiteral, moduleName } from './match.ts';

/** The indices of the slots a glob covers, ascending. */
export type Cover = (glob: string) => readonly number[];

/**
 * What is remembered of globs, beside the names, which are always: so many indices in all. Someone who types a glob makes a new one with
 * every key; and a recipe of thousands of globs is asked for all of them several times, each time from the first on.
 */
const mostIndices = 2 ** 21;

/** What a glob takes beside its indices, in the same measure. */
const perGlob = 16;

const covers = new WeakMap<readonly Slot[], Cover>();

/** Remembered for as long as the list of slots is, which must not change. */
export function coverOf(slots: readonly Slot[]): Cover {
  const known = covers.get(slots);
  if (known) return known;
  const cover = createCover(slots);
  covers.set(slots, cover);
  return cover;
}

/** For every slot the index of the last glob that covers it, -1 where none does. */
export function ownersOf(globs: readonly string[], slots: readonly Slot[]): Int32Array {
  const cover = coverOf(slots);
  const owners = new Int32Array(slots.length).fill(-1);
  for (let k = 0; k < globs.length; k++) {
    const covered = cover(globs[k]);
    for (let at = 0; at < covered.length; at++) owners[covered[at]] = k;
  }
  return owners;
}

/** Whether two lists of indices, both ascending, are the same slots. */
export function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((index, i) => index === b[i]);
}

function createCover(slots: readonly Slot[]): Cover {
  const named = new Map<string, number[]>();
  for (const [i, { name }] of slots.entries())
    for (const word of new Set([name, moduleName(name)].filter(isLiteral))) {
      const others = named.get(word);
      if (others) others.push(i);
      else named.set(word, [i]);
    }
  const remembered = new Map<string, readonly number[]>();
  let nIndices = 0;
  return (glob) => {
    const known = named.get(glob) ?? remembered.get(glob);
    if (known) return known;
    const matcher = createMatcher(glob);
    const covered = slots.flatMap(({ name }, i) => (matcher(name) ? [i] : []));
    nIndices += covered.length + perGlob;
    if (nIndices > mostIndices) {
      remembered.clear();
      nIndices = covered.length + perGlob;
    }
    remembered.set(glob, covered);
    return covered;
  };
}
