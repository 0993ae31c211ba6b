/** Draws the part of a heat map that is seen, headings on top, onto a canvas. */

import { inkOn, scaleColour } from './colour.ts';
import { type HeatCell, type HeatData, type HeatScale, positionOf } from './heat-data.ts';
import { type HeatLayout, visibleRange, type Window } from './heat-layout.ts';
import type { Palette } from './theme.ts';

export interface Picture {
  readonly data: HeatData;
  readonly layout: HeatLayout;
  readonly window: Window;
  readonly domain: readonly [number, number];
  readonly scale: HeatScale;
  readonly selection: ReadonlySet<number>;
  readonly palette: Palette;
}

type Context = CanvasRenderingContext2D;

const figureScale = 0.85;

export function figureFont({ font, fontSize }: Palette): string {
  return `${fontSize * figureScale}px ${font}`;
}

export function headFont({ font, fontSize }: Palette): string {
  return `${fontSize * 0.92}px ${font}`;
}

/** @param ctx  scaled to CSS pixels */
export function paint(ctx: Context, picture: Picture): void {
  const { layout, window, palette } = picture;
  ctx.clearRect(0, 0, window.width, window.height);
  const range = visibleRange(layout, window);
  const origin = { x: layout.headWidth - window.left, y: layout.headHeight - window.top };
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.headWidth, layout.headHeight, window.width, window.height);
  ctx.clip();
  ctx.font = figureFont(palette);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  const widths = new Map<string, number>();
  for (let row = range.firstRow; row < range.endRow; row++)
    for (let col = range.firstCol; col < range.endCol; col++) {
      const cell = picture.data.cells[row * layout.nCols + col];
      if (cell) paintCell(ctx, picture, cell, origin.x + col * layout.colWidth, origin.y + row * layout.rowHeight, widths);
    }
  paintSelection(ctx, picture, range, origin);
  ctx.restore();
  paintHeadings(ctx, picture, range, origin);
}

function paintCell(ctx: Context, picture: Picture, cell: HeatCell, x: number, y: number, widths: Map<string, number>): void {
  const { layout, palette, domain, scale } = picture;
  const [width, height] = [layout.colWidth - 1, layout.rowHeight - 1];
  const t = cell.value === null ? null : positionOf(cell.value, domain, scale);
  if (t === null) hatch(ctx, palette, x, y, width, height);
  else {
    ctx.fillStyle = scaleColour(t);
    ctx.fillRect(x, y, width, height);
  }
  if (palette.outline) {
    ctx.strokeStyle = palette.outline;
    ctx.lineWidth = 1;
    ctx.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  }
  const ink = t === null ? palette.foreground : inkOn(t);
  const lockRoom = cell.locked && width > 16 ? 9 : 0;
  if (cell.text !== '') {
    if (!widths.has(cell.text)) widths.set(cell.text, ctx.measureText(cell.text).width);
    const room = widths.get(cell.text)!;
    const shift = room + 2 * lockRoom <= width ? 0 : lockRoom / 2;
    if (room + (shift > 0 ? lockRoom : 0) + 2 <= width) {
      ctx.fillStyle = ink;
      ctx.fillText(cell.text, x + width / 2 - shift, y + height / 2 + 0.5);
    }
  }
  if (cell.locked) paintLock(ctx, ink, x + width - 8, y + 2);
  if (cell.busy) {
    ctx.strokeStyle = palette.progress;
    ctx.lineWidth = 2;
    ctx.setLineDash([4, 3]);
    ctx.strokeRect(x + 1, y + 1, width - 2, height - 2);
    ctx.setLineDash([]);
  }
}

/** A value that is not known must not look like a low one. */
function hatch(ctx: Context, { muted }: Palette, x: number, y: number, width: number, height: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.globalAlpha = 0.45;
  ctx.strokeStyle = muted;
  ctx.lineWidth = 1;
  ctx.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  ctx.beginPath();
  for (let at = -height; at < width; at += 6) {
    ctx.moveTo(x + at, y + height);
    ctx.lineTo(x + at + height, y);
  }
  ctx.stroke();
  ctx.restore();
}

function paintLock(ctx: Context, ink: string, x: number, y: number): void {
  ctx.fillStyle = ink;
  ctx.strokeStyle = ink;
  ctx.lineWidth = 1;
  ctx.fillRect(x, y + 3, 6, 4);
  ctx.beginPath();
  ctx.arc(x + 3, y + 3, 2, Math.PI, 0);
  ctx.stroke();
}

/** Two lines, dark in light, are seen on every colour of the scale. */
function paintSelection(ctx: Context, { selection, layout, palette }: Picture, range: Range, origin: Point): void {
  if (selection.size === 0) return;
  for (let row = range.firstRow; row < range.endRow; row++)
    for (let col = range.firstCol; col < range.endCol; col++) {
      if (!selection.has(row * layout.nCols + col)) continue;
      const [x, y] = [origin.x + col * layout.colWidth, origin.y + row * layout.rowHeight];
      ctx.lineWidth = 2;
      ctx.strokeStyle = palette.foreground;
      ctx.strokeRect(x, y, layout.colWidth - 1, layout.rowHeight - 1);
      ctx.lineWidth = 1;
      ctx.strokeStyle = palette.background;
      ctx.strokeRect(x + 1.5, y + 1.5, layout.colWidth - 4, layout.rowHeight - 4);
    }
}

type Range = ReturnType<typeof visibleRange>;
interface Point {
  readonly x: number;
  readonly y: number;
}

function paintHeadings(ctx: Context, { data, layout, window, palette }: Picture, range: Range, origin: Point): void {
  ctx.fillStyle = palette.background;
  ctx.fillRect(0, 0, window.width, layout.headHeight);
  ctx.fillRect(0, 0, layout.headWidth, window.height);
  ctx.font = headFont(palette);
  ctx.fillStyle = palette.foreground;
  ctx.textBaseline = 'middle';
  clipped(ctx, layout.headWidth, 0, window.width, layout.headHeight, () => {
    for (let col = range.firstCol; col < range.endCol; col++) {
      const middle = origin.x + (col + 0.5) * layout.colWidth;
      if (layout.upright) uprightText(ctx, data.cols[col], middle, layout.headHeight - 6, layout.headHeight - 10);
      else {
        ctx.textAlign = 'center';
        ctx.fillText(elide(ctx, data.cols[col], layout.colWidth - 4), middle, layout.headHeight / 2);
      }
    }
  });
  clipped(ctx, 0, layout.headHeight, layout.headWidth, window.height, () => {
    ctx.textAlign = 'right';
    for (let row = range.firstRow; row < range.endRow; row++)
      ctx.fillText(elide(ctx, data.rows[row], layout.headWidth - 12), layout.headWidth - 7, origin.y + (row + 0.5) * layout.rowHeight);
  });
}

function uprightText(ctx: Context, text: string, x: number, y: number, room: number): void {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(-Math.PI / 2);
  ctx.textAlign = 'left';
  ctx.fillText(elide(ctx, text, room), 0, 0);
  ctx.restore();
}

function clipped(ctx: Context, x: number, y: number, width: number, height: number, draw: () => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  draw();
  ctx.restore();
}

/** Names differ at their ends more often than at their starts. */
function elide(ctx: Context, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text;
  for (let keep = text.length - 1; keep > 1; keep--) {
    const short = `…${text.slice(-keep)}`;
    if (ctx.measureText(short).width <= room) return short;
  }
  return '';
}
