/** Where the cells of a heat map lie: plain geometry in CSS pixels, without a document. */

export interface HeatLayout {
  readonly nRows: number;
  readonly nCols: number;
  readonly rowHeight: number;
  readonly colWidth: number;
  /** Width of the row headings, height of the column headings. */
  readonly headWidth: number;
  readonly headHeight: number;
  /** Column headings stand upright where they would not fit lying. */
  readonly upright: boolean;
  /** Of everything, headings and what must be scrolled to included. */
  readonly width: number;
  readonly height: number;
}

export interface LayoutRequest {
  readonly nRows: number;
  readonly nCols: number;
  /** Room there is from left to right. */
  readonly room: number;
  /** Widths of the widest row heading, the widest column heading and the widest figure. */
  readonly rowLabel: number;
  readonly colLabel: number;
  readonly figure: number;
  readonly fontSize: number;
  /** Whether every figure must fit, at the price of scrolling sideways. */
  readonly figures: boolean;
}

const padding = 8;
const widestCell = 104;

export function layOut({ nRows, nCols, room, rowLabel, colLabel, figure, fontSize, figures }: LayoutRequest): HeatLayout {
  const rowHeight = Math.round(fontSize * 1.7);
  const headWidth = Math.ceil(Math.min(rowLabel, 0.4 * room) + 2 * padding);
  const least = figures ? figure + padding : Math.min(rowHeight, figure + padding);
  const colWidth = Math.floor(Math.max(least, Math.min(widestCell, (room - headWidth - 1) / Math.max(1, nCols))));
  const upright = colLabel + padding > colWidth;
  const headHeight = Math.ceil(upright ? Math.min(colLabel, 12 * fontSize) + 2 * padding : rowHeight);
  return {
    nRows,
    nCols,
    rowHeight,
    colWidth,
    headWidth,
    headHeight,
    upright,
    width: headWidth + nCols * colWidth + 1,
    height: headHeight + nRows * rowHeight + 1,
  };
}

export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** First row and column that can be seen, and those after the last. */
export function visibleRange(layout: HeatLayout, { left, top, width, height }: Window) {
  const { nRows, nCols, rowHeight, colWidth, headWidth, headHeight } = layout;
  return {
    firstRow: Math.max(0, Math.floor(top / rowHeight)),
    endRow: Math.min(nRows, Math.ceil((top + height - headHeight) / rowHeight)),
    firstCol: Math.max(0, Math.floor(left / colWidth)),
    endCol: Math.min(nCols, Math.ceil((left + width - headWidth) / colWidth)),
  };
}

/** Row and column under a point of the window; -1 for the headings, `null` beyond the last cell. */
export function hit(layout: HeatLayout, window: Pick<Window, 'left' | 'top'>, x: number, y: number): { row: number; col: number } | null {
  const row = y < layout.headHeight ? -1 : Math.floor((y - layout.headHeight + window.top) / layout.rowHeight);
  const col = x < layout.headWidth ? -1 : Math.floor((x - layout.headWidth + window.left) / layout.colWidth);
  return row < layout.nRows && col < layout.nCols ? { row, col } : null;
}

/** How far to scroll so that a cell is seen whole, beside the headings. */
export function scrollTo(layout: HeatLayout, window: Window, row: number, col: number): { left: number; top: number } {
  const { rowHeight, colWidth, headWidth, headHeight } = layout;
  const nearest = (at: number, size: number, from: number, room: number) => (at < from ? at : Math.max(from, at + size - room));
  return {
    left: nearest(col * colWidth, colWidth, window.left, window.width - headWidth - 1),
    top: nearest(row * rowHeight, rowHeight, window.top, window.height - headHeight - 1),
  };
}
