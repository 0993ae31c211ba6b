/** What the grid has and the records have not. */

import { code, folded, table } from '../../src/protocol/markdown.ts';
import { allocations, type Cell, cellOf, cellsOf, showLevel, whyNotAvailable } from './grid.ts';
import type { Results } from './records.ts';
import { sortLevels } from './view.ts';

/** For each allocation how much there is, then what is left by allocation, solver and finish. */
export function missingLines({ cells }: Results): string[] {
  const seeds = [...new Set([0, 1, ...[...cells.keys()].map((id) => cellOf(id).seed)])].toSorted((a, b) => a - b);
  const grid = cellsOf(seeds);
  const left = grid.filter(({ id }) => !cells.has(id));
  // Whether a cell can be run does not depend on its level and seed, and to find out takes reading a recipe.
  const methodsOf = ({ allocation, solver, finish }: Cell) => `${allocation}, ${solver}, ${finish}`;
  const reasons = new Map(
    [...new Map(left.map((cell) => [methodsOf(cell), cell]))].map(([methods, cell]) => [methods, whyNotAvailable(cell)]),
  );
  const reasonOf = (cell: Cell) => reasons.get(methodsOf(cell));
  const rows = Object.keys(allocations).map((allocation) => {
    const of = (list: readonly Cell[]) => list.filter((cell) => cell.allocation === allocation);
    const reason = of(left)
      .map(reasonOf)
      .find((text) => text !== null);
    return [allocation, `${of(grid).length - of(left).length} of ${of(grid).length}`, reason ? `not available: ${code(reason)}` : ''];
  });
  const runnable = left.filter((cell) => reasonOf(cell) === null);
  const lines = new Map<string, Cell[]>();
  for (const cell of runnable) {
    const line = methodsOf(cell);
    lines.set(line, [...(lines.get(line) ?? []), cell]);
  }
  const byLine = [...lines].map(([line, members]) => [
    line,
    ...seeds.map((seed) =>
      sortLevels(members.filter((cell) => cell.seed === seed).map(({ level }) => level))
        .map(showLevel)
        .join(', '),
    ),
  ]);
  return [
    table(['allocation', 'cells', ''], rows, 3),
    '',
    ...(runnable.length === 0
      ? []
      : folded(
          `${runnable.length} cells that this build can run`,
          table(['allocation, solver, finish', ...seeds.map((seed) => `seed ${seed}`)], byLine, 1 + seeds.length),
        )),
  ];
}
