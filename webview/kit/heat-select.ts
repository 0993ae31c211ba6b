/** How keys move about a heat map, and which cells a rectangle takes in. */

export interface Grid {
  readonly nRows: number;
  readonly nCols: number;
  /** Whether there is a cell at an index. */
  has(index: number): boolean;
}

/**
 * @param page  rows of one page
 * @returns     the cell a key leads to from `active`; `active` itself at an edge; `null` if the key does not move
 */
export function moveBy({ nRows, nCols, has }: Grid, active: number, key: string, whole: boolean, page: number): number | null {
  const row = Math.floor(active / nCols);
  const col = active % nCols;
  const along = (rowStep: number, colStep: number, r: number, c: number): number => {
    for (; r >= 0 && r < nRows && c >= 0 && c < nCols; r += rowStep, c += colStep) if (has(r * nCols + c)) return r * nCols + c;
    return active;
  };
  const first = () => firstCell({ nRows, nCols, has }) ?? active;
  const last = () => {
    for (let index = nRows * nCols - 1; index >= 0; index--) if (has(index)) return index;
    return active;
  };
  switch (key) {
    case 'ArrowLeft':
      return along(0, -1, row, col - 1);
    case 'ArrowRight':
      return along(0, 1, row, col + 1);
    case 'ArrowUp':
      return along(-1, 0, row - 1, col);
    case 'ArrowDown':
      return along(1, 0, row + 1, col);
    case 'PageUp':
      return along(1, 0, Math.max(0, row - page), col);
    case 'PageDown':
      return along(-1, 0, Math.min(nRows - 1, row + page), col);
    case 'Home':
      return whole ? first() : along(0, 1, row, 0);
    case 'End':
      return whole ? last() : along(0, -1, row, nCols - 1);
    default:
      return null;
  }
}

export function firstCell({ nRows, nCols, has }: Grid): number | null {
  for (let index = 0; index < nRows * nCols; index++) if (has(index)) return index;
  return null;
}

/** The cells of the rectangle that two of them span. */
export function rectangle({ nCols, has }: Grid, from: number, to: number): Set<number> {
  const [top, bottom] = [Math.floor(from / nCols), Math.floor(to / nCols)].sort((a, b) => a - b);
  const [left, right] = [from % nCols, to % nCols].sort((a, b) => a - b);
  const cells = new Set<number>();
  for (let row = top; row <= bottom; row++)
    for (let col = left; col <= right; col++) if (has(row * nCols + col)) cells.add(row * nCols + col);
  return cells;
}
