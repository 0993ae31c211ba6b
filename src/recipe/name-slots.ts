/** Finds the globs that name a set of slots, and no other slot, in the words a person would choose. */

import { SecateurError } from '../error.ts';
import type { Slot } from '../methods/allocator.ts';
import { coverOf, isSame } from './cover.ts';
import { globFault, isLiteral, moduleName } from './match.ts';

/** More kinds than these in one pair of braces, or scattered blocks, are too many to read. */
const mostListed = 8;

/** The slots of a checkpoint as a table, whose rows are blocks and columns are kinds. */
interface Table {
  /** `model.layers` where all names begin with it and the number of their block. */
  readonly stem: string | undefined;
  /** Ascending. */
  readonly blocks: readonly number[];
  /** In order of appearance. */
  readonly kinds: readonly string[];
  /** How many slots there are of each block, and of each kind. */
  readonly blockSizes: ReadonlyMap<number, number>;
  readonly kindSizes: ReadonlyMap<string, number>;
  /** How many slots there are of a block and a kind, under `3 q_proj`: one, or as many as there are experts. */
  readonly cellSizes: ReadonlyMap<string, number>;
  /** The last slots that were named in parts: those that a drag sets are the same in every frame. */
  readonly last: { wanted: readonly number[]; globs: readonly string[] };
}

const tables = new WeakMap<readonly Slot[], Table>();

/**
 * @param wanted  indices of slots, ascending, at least one
 * @returns       globs that cover all of them together, no other slot, and none of them twice
 * @throws        `UNSUPPORTED` when a slot has a name that no glob can be
 */
export function nameSlots(wanted: readonly number[], slots: readonly Slot[]): readonly string[] {
  const glob = nameTogether(wanted, slots);
  if (glob !== undefined) return [glob];
  const { last } = tableOf(slots);
  if (isSame(last.wanted, wanted)) return last.globs;
  const byBlock = nameInParts(wanted, slots, 'block');
  const byKind = nameInParts(wanted, slots, 'kind');
  last.globs = byKind.length < byBlock.length ? byKind : byBlock;
  last.wanted = wanted;
  return last.globs;
}

/** One glob that covers exactly these slots: `*.q_proj`, `model.layers.{0..3}.*`, a module's name; `undefined` if none of such a form does. */
export function nameTogether(wanted: readonly number[], slots: readonly Slot[]): string | undefined {
  if (wanted.length === 1) return nameOne(wanted[0], slots);
  const table = tableOf(slots);
  const blocks = table.blocks.filter(isAmong(wanted.map((i) => slots[i].block)));
  const kinds = table.kinds.filter(isAmong(wanted.map((i) => slots[i].kind)));
  const isFull = (sizes: readonly (number | undefined)[]) => sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) === wanted.length;
  const cells = blocks.length * kinds.length > slots.length ? [] : blocks.flatMap((block) => kinds.map((kind) => `${block} ${kind}`));
  const block = blockGlob(table, blocks);
  const kind = kindGlob(kinds);
  const candidates = [
    ...(wanted.length === slots.length && table.stem !== undefined ? [`${table.stem}.*`] : []),
    ...(isFull(kinds.map((name) => table.kindSizes.get(name))) && kind !== undefined ? [`*.${kind}`] : []),
    ...(isFull(blocks.map((index) => table.blockSizes.get(index))) && block !== undefined ? [`${block}.*`] : []),
    ...(isFull(cells.map((cell) => table.cellSizes.get(cell))) && block !== undefined && kind !== undefined ? [`${block}.*.${kind}`] : []),
  ];
  return candidates.find((glob) => globFault(glob) === undefined && isSame(coverOf(slots)(glob), wanted));
}

/** Cells of the table that are wanted whole go together where their rows, or their columns, are alike; what is left is named one by one. */
function nameInParts(wanted: readonly number[], slots: readonly Slot[], by: 'block' | 'kind'): string[] {
  const across = by === 'block' ? 'kind' : 'block';
  const table = tableOf(slots);
  const cells = [...groupBy(wanted, (i) => cellName(slots[i])).values()];
  const isWhole = (cell: readonly number[]) => cell.length === table.cellSizes.get(cellName(slots[cell[0]]));
  const lines = [...groupBy(cells.filter(isWhole), ([i]) => slots[i][by]).values()];
  const alike = groupBy(lines, (line) => line.map(([i]) => slots[i][across]).join(' '));
  const whole = [...alike.values()].flatMap((group) => nameLines(group.flat(2).sort(ascending), slots));
  return [...whole, ...cells.filter((cell) => !isWhole(cell)).flatMap((cell) => cell.map((i) => nameOne(i, slots)))];
}

/** Whole cells: together if that can be, else in runs of blocks that follow one another, else one by one. */
function nameLines(wanted: readonly number[], slots: readonly Slot[]): string[] {
  const glob = nameTogether(wanted, slots);
  if (glob !== undefined) return [glob];
  const byBlock = groupBy(wanted, (i) => slots[i].block);
  return runsOf(tableOf(slots), [...byBlock.keys()]).flatMap((run) => {
    const part = run.flatMap((block) => byBlock.get(block)!).sort(ascending);
    return nameTogether(part, slots) ?? part.map((i) => nameOne(i, slots));
  });
}

function nameOne(i: number, slots: readonly Slot[]): string {
  const { name } = slots[i];
  const glob = [moduleName(name), name].find((word) => globFault(word) === undefined && isSame(coverOf(slots)(word), [i]));
  if (glob !== undefined) return glob;
  throw new SecateurError(
    'UNSUPPORTED',
    `${name}: no glob can name this matrix alone`,
    'Fix it together with others, by a glob in the text.',
  );
}

/** `model.layers.3`, `model.layers.{0..3}`, `model.layers.{0,31}` */
function blockGlob(table: Table, blocks: readonly number[]): string | undefined {
  if (table.stem === undefined) return undefined;
  if (blocks.length === 1) return `${table.stem}.${blocks[0]}`;
  if (runsOf(table, blocks).length === 1) return `${table.stem}.{${blocks[0]}..${blocks.at(-1)}}`;
  return blocks.length <= mostListed ? `${table.stem}.{${blocks.join(',')}}` : undefined;
}

function kindGlob(kinds: readonly string[]): string | undefined {
  if (kinds.length > mostListed || !kinds.every(isLiteral)) return undefined;
  return kinds.length === 1 ? kinds[0] : `{${kinds.join(',')}}`;
}

/** Blocks that follow one another in the table, together. */
function runsOf({ blocks: all }: Table, blocks: readonly number[]): number[][] {
  const wanted = new Set(blocks);
  const runs: number[][] = [[]];
  for (const block of all)
    if (wanted.has(block)) runs.at(-1)!.push(block);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  return runs.filter((run) => run.length > 0);
}

function tableOf(slots: readonly Slot[]): Table {
  const known = tables.get(slots);
  if (known) return known;
  const table = makeTable(slots);
  tables.set(slots, table);
  return table;
}

function makeTable(slots: readonly Slot[]): Table {
  const blockSizes = countBy(slots, ({ block }) => block);
  const kindSizes = countBy(slots, ({ kind }) => kind);
  return {
    stem: findStem(slots),
    blocks: [...blockSizes.keys()].sort(ascending),
    kinds: [...kindSizes.keys()],
    blockSizes,
    kindSizes,
    cellSizes: countBy(slots, cellName),
    last: { wanted: [], globs: [] },
  };
}

function cellName({ block, kind }: Slot): string {
  return `${block} ${kind}`;
}

function findStem(slots: readonly Slot[]): string | undefined {
  const parts = slots[0].name.split('.');
  const stems = parts.map((_, depth) => parts.slice(0, depth).join('.')).slice(1);
  return stems.find((stem) => isLiteral(stem) && slots.every(({ name, block }) => name.startsWith(`${stem}.${block}.`)));
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const key of items.map(keyOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function isAmong<T>(values: readonly T[]): (value: T) => boolean {
  const among = new Set(values);
  return (value) => among.has(value);
}

function ascending(a: number, b: number): number {
  return a - b;
}
