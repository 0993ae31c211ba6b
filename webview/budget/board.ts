/** How the slots of a model lie on the heat map: rows are blocks, columns are kinds, and experts share a column that can be opened. */

import type { Slot } from '../../src/methods/allocator.ts';

export interface Column {
  /** Tells columns apart: the path within a block, numbers left out. */
  readonly key: string;
  readonly title: string;
  /** Whether some cell stands for several slots. */
  readonly folded: boolean;
}

export interface Board {
  readonly rows: readonly string[];
  readonly columns: readonly Column[];
  /** Indices of the slots behind each cell, row-major; empty where a block has no such linear. */
  readonly cells: readonly (readonly number[])[];
  /** The cell of each slot; -1 for those that are not on this board. */
  readonly cellOf: Int32Array;
}

export function makeBoard(slots: readonly Slot[]): Board {
  const keys = slots.map(columnKey);
  return layOut(
    slots,
    slots.map((_, i) => i),
    keys,
    [...new Set(keys)],
    titlesOf([...new Set(keys)], keys, slots),
  );
}

/** The slots of one folded column, one column for each of those that share it. */
export function openColumn(slots: readonly Slot[], key: string): Board {
  const inside = slots.flatMap((slot, i) => (columnKey(slot) === key ? [i] : []));
  const keys = slots.map((slot) => numbersOf(slot).join('.'));
  const columns = [...new Set(inside.map((i) => keys[i]))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return layOut(slots, inside, keys, columns, columns);
}

/** The slots of each block, and of each column, under the name a list calls them by. */
export function groupsOf(slots: readonly Slot[], board: Board): { readonly blocks: readonly Group[]; readonly kinds: readonly Group[] } {
  const gather = (titles: readonly string[], at: (cell: number) => number): Group[] => {
    const members: number[][] = titles.map(() => []);
    for (const [cell, indices] of board.cells.entries()) members[at(cell)].push(...indices);
    return titles.map((title, i) => ({
      title,
      slots: members[i].sort((a, b) => a - b),
      names: members[i].map((slot) => slots[slot].name),
    }));
  };
  const { length: nCols } = board.columns;
  return {
    blocks: gather(board.rows, (cell) => Math.floor(cell / nCols)),
    kinds: gather(
      board.columns.map(({ title }) => title),
      (cell) => cell % nCols,
    ),
  };
}

export interface Group {
  readonly title: string;
  /** Indices, ascending. */
  readonly slots: readonly number[];
  readonly names: readonly string[];
}

function layOut(
  slots: readonly Slot[],
  indices: readonly number[],
  keys: readonly string[],
  columnKeys: readonly string[],
  titles: readonly string[],
): Board {
  const blocks = [...new Set(indices.map((i) => slots[i].block))].sort((a, b) => a - b);
  const rowOf = new Map(blocks.map((block, row) => [block, row]));
  const colOf = new Map(columnKeys.map((key, col) => [key, col]));
  const cells: number[][] = Array.from({ length: blocks.length * columnKeys.length }, () => []);
  const cellOf = new Int32Array(slots.length).fill(-1);
  for (const i of indices) {
    cellOf[i] = rowOf.get(slots[i].block)! * columnKeys.length + colOf.get(keys[i])!;
    cells[cellOf[i]].push(i);
  }
  const columns = columnKeys.map((key, col) => ({
    key,
    title: titles[col],
    folded: blocks.some((_, row) => cells[row * columnKeys.length + col].length > 1),
  }));
  return { rows: blocks.map(String), columns, cells, cellOf };
}

/** `model.layers.3.mlp.experts.7.up_proj.weight` is `mlp.experts.*.up_proj` in its block. */
function columnKey(slot: Slot): string {
  return pathInBlock(slot)
    .map((part) => (isNumber(part) ? '*' : part))
    .join('.');
}

function numbersOf(slot: Slot): string[] {
  return pathInBlock(slot).filter(isNumber);
}

function pathInBlock({ name, block, kind }: Slot): string[] {
  const parts = name.split('.');
  const path = parts.slice(parts.indexOf(String(block)) + 1);
  const end = path.lastIndexOf(kind);
  return end < 0 ? path : path.slice(0, end + 1);
}

function isNumber(part: string): boolean {
  return /^\d+$/.test(part);
}

/** The kind alone, where only one column has it. */
function titlesOf(columnKeys: readonly string[], keys: readonly string[], slots: readonly Slot[]): string[] {
  const kinds = columnKeys.map((key) => slots[keys.indexOf(key)].kind);
  return columnKeys.map((key, col) => (kinds.filter((kind) => kind === kinds[col]).length === 1 ? kinds[col] : key));
}
