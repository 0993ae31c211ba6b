/**
 * The entries of `allocate.fixed` as locks on slots: sets, adds and carves them so that exactly the slots that are meant change.
 *
 * Of several entries that cover a slot the last one *holds* it.
 */

import type { Slot } from '../methods/allocator.ts';
import { type Cover, coverOf, isSame, ownersOf } from './cover.ts';
import { nameSlots, nameTogether } from './name-slots.ts';

/** Glob and sparsity. */
export type Lock = readonly [glob: string, sparsity: number];

/**
 * Fixes slots at a sparsity, whatever holds them now.
 *
 * An entry that covers just what is to be set is changed where it stands, unless one behind it holds some of that; then it moves behind
 * all others, as a new one does. Entries that would be left without a slot go.
 *
 * @param wanted  indices of slots, ascending
 */
export function fixSlots(locks: readonly Lock[], slots: readonly Slot[], wanted: readonly number[], sparsity: number): readonly Lock[] {
  const owners = ownersOf(globsOf(locks), slots);
  if (wanted.every((i) => locks[owners[i]]?.[1] === sparsity)) return locks;
  const cover = coverOf(slots);
  const own = findOwn(locks, slots, wanted);
  const globs = own < 0 ? nameSlots(wanted, slots) : [locks[own][0]];
  const known = globs.map((glob) => (own < 0 ? findHolder(locks, owners, cover, cover(glob)) : own));
  const knowns = new Set(known);
  const inside = createInside(slots, wanted);
  const holding = new Set(owners);
  const kept = locks.map((lock, k) => ({ lock, k })).filter(({ lock, k }) => knowns.has(k) || !holding.has(k) || !inside(lock[0]));
  const keptOwners = ownersOf(
    kept.map(({ lock }) => lock[0]),
    slots,
  );
  const staying = new Set(known.filter((k) => k >= 0 && cover(locks[k][0]).every((i) => kept[keptOwners[i]].k === k)));
  const moving = new Set(known.filter((k) => k >= 0 && !staying.has(k)));
  return withoutDoubles([
    ...kept.filter(({ k }) => !moving.has(k)).map(({ lock, k }): Lock => (staying.has(k) ? [lock[0], sparsity] : lock)),
    ...globs.flatMap((glob, g): Lock[] => (staying.has(known[g]) ? [] : [[known[g] < 0 ? glob : locks[known[g]][0], sparsity]])),
  ]);
}

/**
 * Fixes those of the slots at a sparsity that nothing holds, or an entry that covers just these slots.
 *
 * A new entry names all of them if one glob can, and stands before those that keep what they hold.
 */
export function fixFreeSlots(locks: readonly Lock[], slots: readonly Slot[], wanted: readonly number[], sparsity: number): readonly Lock[] {
  const owners = ownersOf(globsOf(locks), slots);
  const own = findOwn(locks, slots, wanted);
  if (own >= 0) return wanted.some((i) => owners[i] === own) ? locks.with(own, [locks[own][0], sparsity]) : locks;
  const free = wanted.filter((i) => owners[i] < 0);
  if (free.length === 0) return locks;
  const together = nameTogether(wanted, slots);
  if (together === undefined) return [...locks, ...nameSlots(free, slots).map((glob): Lock => [glob, sparsity])];
  const meets = createMeets(slots, wanted);
  const at = locks.findIndex(([glob]) => meets(glob));
  return locks.toSpliced(at < 0 ? locks.length : at, 0, [together, sparsity]);
}

/** Frees slots: entries that hold others too are cut down to these, in their place. */
export function freeSlots(locks: readonly Lock[], slots: readonly Slot[], wanted: readonly number[]): readonly Lock[] {
  const cover = coverOf(slots);
  const meets = createMeets(slots, wanted);
  if (!locks.some(([glob]) => meets(glob))) return locks;
  const owners = ownersOf(globsOf(locks), slots);
  const isWanted = new Set(wanted);
  const taken = new Set(globsOf(locks));
  const carved = locks.flatMap(([glob, sparsity], k): Lock[] => {
    if (!meets(glob)) return [[glob, sparsity]];
    const held = cover(glob).filter((i) => owners[i] === k && !isWanted.has(i));
    if (held.length === 0) return [];
    // Slots that a later entry holds are named along unless that takes more words.
    const wide = nameSlots(
      cover(glob).filter((i) => !isWanted.has(i)),
      slots,
    );
    const isFree = !wide.some((word) => taken.has(word));
    const narrow = isFree && wide.length === 1 ? wide : nameSlots(held, slots);
    return (isFree && wide.length <= narrow.length ? wide : narrow).map((word): Lock => [word, sparsity]);
  });
  return withoutDoubles(carved);
}

/** The last entry that covers these slots and no others; -1 if there is none. */
function findOwn(locks: readonly Lock[], slots: readonly Slot[], wanted: readonly number[]): number {
  const cover = coverOf(slots);
  return locks.findLastIndex(([glob]) => isSame(cover(glob), wanted));
}

/** Of the entries that hold one of these slots, one that covers them all and no others; -1 if there is none. */
function findHolder(locks: readonly Lock[], owners: Int32Array, cover: Cover, wanted: readonly number[]): number {
  const holder = wanted.map((i) => owners[i]).find((k) => k >= 0 && isSame(cover(locks[k][0]), wanted));
  return holder ?? -1;
}

function createMeets(slots: readonly Slot[], wanted: readonly number[]): (glob: string) => boolean {
  const isWanted = maskOf(slots, wanted);
  const cover = coverOf(slots);
  return (glob) => cover(glob).some((i) => isWanted[i] === 1);
}

function createInside(slots: readonly Slot[], wanted: readonly number[]): (glob: string) => boolean {
  const isWanted = maskOf(slots, wanted);
  const cover = coverOf(slots);
  return (glob) => cover(glob).every((i) => isWanted[i] === 1);
}

function maskOf(slots: readonly Slot[], wanted: readonly number[]): Uint8Array {
  const mask = new Uint8Array(slots.length);
  for (const i of wanted) mask[i] = 1;
  return mask;
}

/** Of entries with the same glob only the last, which holds all that the others could. */
function withoutDoubles(locks: readonly Lock[]): readonly Lock[] {
  const last = new Map(locks.map(([glob], k) => [glob, k]));
  return last.size === locks.length ? locks : locks.filter(([glob], k) => last.get(glob) === k);
}

function globsOf(locks: readonly Lock[]): string[] {
  return locks.map(([glob]) => glob);
}
