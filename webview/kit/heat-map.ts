/**
 * `<secateur-heat-map>`: a grid of colours on one canvas, with headings that stay, figures where they fit, a legend, and a real grid
 * cell under the focus, so that keys and screen readers find what the eye sees.
 *
 * Fires `selection-change` ({ selection, active }) when the selection or the cell under the focus changes, and `cell-activate` ({ index }) on
 * Enter or a double click. Indices are row-major.
 */

import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { HeatData, HeatScale } from './heat-data.ts';
import { type HeatLayout, hit, layOut, scrollTo } from './heat-layout.ts';
import { heatMapStyles } from './heat-map.css.ts';
import { figureFont, headFont, paint } from './heat-paint.ts';
import { firstCell, type Grid, moveBy, rectangle } from './heat-select.ts';
import './legend.ts';
import { shared } from './theme.css.ts';
import { type Palette, readPalette, watchTheme } from './theme.ts';
import './tip.ts';

export interface SelectionChange {
  readonly selection: readonly number[];
  readonly active: number;
}

const empty: HeatData = { rows: [], cols: [], cells: [] };
const tipDelayMs = 350;

export class HeatMap extends LitElement {
  static override styles = [shared, heatMapStyles];
  static override properties = {
    data: { attribute: false },
    domain: { attribute: false },
    scale: {},
    heading: {},
    unit: {},
    selection: { attribute: false },
    selectable: {},
    active: { type: Number },
    layout: { state: true },
    tip: { state: true },
  };

  declare data: HeatData;
  /** Values at both ends of the colours. */
  declare domain: readonly [number, number];
  declare scale: HeatScale;
  /** What the map shows, for its legend and its name. */
  declare heading: string;
  /** Stands behind the figures of the legend; for `%`, values and domain are in percent. */
  declare unit: string;
  declare selection: ReadonlySet<number>;
  declare selectable: 'none' | 'single' | 'multi';
  /** The cell that the focus is or would be on. */
  declare active: number;
  declare private layout: HeatLayout | null;
  declare private tip: { readonly text: string; readonly x: number; readonly y: number } | null;

  private palette: Palette | null = null;
  private frame = 0;
  private tipTimer = 0;
  /** Where a rectangle begins. */
  private anchor = 0;
  /** What was selected before the rectangle that is being drawn. */
  private kept: ReadonlySet<number> | null = null;
  private focusWanted = false;
  private theme: { dispose(): void } | null = null;
  private readonly sizes = new ResizeObserver(() => this.measure());

  constructor() {
    super();
    this.data = empty;
    this.domain = [0, 1];
    this.scale = 'linear';
    this.heading = '';
    this.unit = '';
    this.selection = new Set();
    this.selectable = 'none';
    this.active = 0;
    this.layout = null;
    this.tip = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
    this.theme = watchTheme(() => this.measure());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    this.theme?.dispose();
    clearTimeout(this.tipTimer);
    cancelAnimationFrame(this.frame);
  }

  override focus(): void {
    this.focusWanted = true;
    this.requestUpdate();
  }

  private get grid(): Grid {
    const { rows, cols, cells } = this.data;
    return { nRows: rows.length, nCols: cols.length, has: (index) => Boolean(cells[index]) };
  }

  private get scroller(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.scroller')!;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('data')) return;
    if (!this.data.cells[this.active]) this.active = firstCell(this.grid) ?? 0;
    const before = changed.get('data') as HeatData | undefined;
    if (this.palette && (before?.rows !== this.data.rows || before?.cols !== this.data.cols)) this.layout = this.newLayout();
  }

  protected override firstUpdated(): void {
    this.measure();
  }

  protected override updated(): void {
    if (this.focusWanted) this.renderRoot.querySelector<HTMLElement>('.cell')?.focus({ preventScroll: true });
    this.focusWanted = false;
    this.place();
    this.schedule();
  }

  protected override render() {
    const { rows, cols } = this.data;
    const multi = this.selectable === 'multi';
    return html`
      <div
        class="scroller"
        role="grid"
        aria-label=${this.heading}
        aria-rowcount=${rows.length}
        aria-colcount=${cols.length}
        aria-multiselectable=${multi ? 'true' : nothing}
        @scroll=${this.onScroll}
        @keydown=${this.onKey}
        @pointerdown=${this.onPointerDown}
        @pointermove=${this.onPointerMove}
        @pointerup=${this.onPointerUp}
        @pointercancel=${this.onPointerUp}
        @pointerleave=${this.hideTip}
        @dblclick=${this.activate}
        @focusout=${this.hideTip}
      >
        <div class="extent" role="presentation">
          <canvas aria-hidden="true"></canvas>
          ${this.renderCell()}
        </div>
      </div>
      <secateur-legend .domain=${this.domain} .scale=${this.scale} .heading=${this.heading} .unit=${this.unit}></secateur-legend>
      <secateur-tip role="tooltip" .text=${this.tip?.text ?? ''} .at=${this.tip}></secateur-tip>
    `;
  }

  /** A new element for every active cell: moving the focus to it is what a screen reader speaks on. */
  private renderCell() {
    const cell = this.data.cells[this.active];
    if (!cell) return nothing;
    const { length: nCols } = this.data.cols;
    const row = Math.floor(this.active / nCols);
    return keyed(
      this.active,
      html`<div role="row" aria-rowindex=${row + 1}>
        <div
          class="cell"
          role="gridcell"
          tabindex="0"
          aria-colindex=${(this.active % nCols) + 1}
          aria-label=${cell.label}
          aria-selected=${this.selectable === 'none' ? nothing : String(this.selection.has(this.active))}
        ></div>
      </div>`,
    );
  }

  /** Positions go through the object model, since the panels allow no style attributes. */
  private place(): void {
    const { layout } = this;
    if (!layout) return;
    const extent = this.renderRoot.querySelector<HTMLElement>('.extent')!;
    extent.style.width = `${layout.width}px`;
    extent.style.height = `${layout.height}px`;
    const cell = this.renderRoot.querySelector<HTMLElement>('.cell');
    if (!cell) return;
    const { left, top } = this.cellOffset(this.active, layout);
    Object.assign(cell.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${layout.colWidth - 1}px`,
      height: `${layout.rowHeight - 1}px`,
    });
  }

  private cellOffset(index: number, layout: HeatLayout): { left: number; top: number } {
    return {
      left: layout.headWidth + (index % layout.nCols) * layout.colWidth,
      top: layout.headHeight + Math.floor(index / layout.nCols) * layout.rowHeight,
    };
  }

  private measure(): void {
    if (!this.hasUpdated) return;
    this.palette = readPalette(this);
    this.layout = this.newLayout();
    this.schedule();
  }

  private newLayout(): HeatLayout {
    const palette = this.palette!;
    const context = this.renderRoot.querySelector('canvas')!.getContext('2d')!;
    const { rows, cols } = this.data;
    const widest = (texts: readonly string[], font: string) => {
      context.font = font;
      return texts.reduce((most, text) => Math.max(most, context.measureText(text).width), 0);
    };
    return layOut({
      nRows: rows.length,
      nCols: cols.length,
      room: this.clientWidth - 16,
      rowLabel: widest(rows, headFont(palette)),
      colLabel: widest(cols, headFont(palette)),
      figure: widest(['00.0'], figureFont(palette)),
      fontSize: palette.fontSize,
      figures: palette.outline !== null,
    });
  }

  private schedule(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const { layout, palette, scroller } = this;
    if (!layout || !palette || !this.isConnected) return;
    const canvas = this.renderRoot.querySelector('canvas')!;
    const window = { left: scroller.scrollLeft, top: scroller.scrollTop, width: scroller.clientWidth, height: scroller.clientHeight };
    const [width, height] = [Math.round(window.width * devicePixelRatio), Math.round(window.height * devicePixelRatio)];
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      Object.assign(canvas.style, { width: `${window.width}px`, height: `${window.height}px` });
    }
    const context = canvas.getContext('2d')!;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const { data, domain, scale, selection } = this;
    paint(context, { data, layout, window, domain, scale, selection, palette });
    const { left, top } = this.cellOffset(this.active, layout);
    const covered = top < window.top + layout.headHeight || left < window.left + layout.headWidth;
    this.renderRoot.querySelector('.cell')?.classList.toggle('covered', covered && this.shadowRoot?.activeElement === null);
  }

  private readonly onScroll = (): void => {
    this.hideTip();
    this.schedule();
  };

  private change(selection: ReadonlySet<number>, active: number): void {
    if (this.selectable !== 'none') this.selection = selection;
    this.active = active;
    this.dispatchEvent(
      new CustomEvent<SelectionChange>('selection-change', { detail: { selection: [...this.selection].sort((a, b) => a - b), active } }),
    );
  }

  private readonly activate = (): void => {
    if (this.data.cells[this.active]) this.dispatchEvent(new CustomEvent('cell-activate', { detail: { index: this.active } }));
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.altKey || !this.layout) return;
    const { key, shiftKey } = event;
    const control = event.ctrlKey || event.metaKey;
    const multi = this.selectable === 'multi';
    if (key === 'Escape' && this.tip) this.hideTip();
    else if (key === 'Escape' && this.selection.size > 0) this.change(new Set(), this.active);
    else if (key === 'Enter') this.activate();
    else if (key === ' ') this.toggle(this.active);
    else if (control && key.toLowerCase() === 'a' && multi) this.change(rectangle(this.grid, 0, this.data.cells.length - 1), this.active);
    else {
      const page = Math.max(1, Math.floor((this.scroller.clientHeight - this.layout.headHeight) / this.layout.rowHeight) - 1);
      const to = moveBy(this.grid, this.active, key, control, page);
      if (to === null) return;
      if (!shiftKey) this.anchor = to;
      this.focusWanted = true;
      this.change(shiftKey && multi ? rectangle(this.grid, this.anchor, to) : this.selection, to);
      this.reveal(to);
      this.showTip(to);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  private toggle(index: number): void {
    this.anchor = index;
    const others = this.selectable === 'multi' ? new Set(this.selection) : new Set<number>();
    if (this.selection.has(index)) others.delete(index);
    else others.add(index);
    this.change(others, index);
  }

  /** Scrolls no further than it takes to see a cell whole. */
  reveal(index: number): void {
    const { layout, scroller } = this;
    if (!layout || index < 0) return;
    const window = { left: scroller.scrollLeft, top: scroller.scrollTop, width: scroller.clientWidth, height: scroller.clientHeight };
    scroller.scrollTo(scrollTo(layout, window, Math.floor(index / layout.nCols), index % layout.nCols));
  }

  private hitAt(event: PointerEvent): { readonly row: number; readonly col: number } | null {
    const { layout, scroller } = this;
    if (!layout) return null;
    const box = scroller.getBoundingClientRect();
    return hit(layout, { left: scroller.scrollLeft, top: scroller.scrollTop }, event.clientX - box.left, event.clientY - box.top);
  }

  private readonly onPointerDown = (event: PointerEvent): void => {
    const at = this.hitAt(event);
    const { nRows, nCols } = this.grid;
    if (event.button !== 0 || !at || nRows === 0) return;
    event.preventDefault();
    this.hideTip();
    this.focus();
    const control = event.ctrlKey || event.metaKey;
    const multi = this.selectable === 'multi';
    const cells = rectangle(
      this.grid,
      Math.max(0, at.row) * nCols + Math.max(0, at.col),
      (at.row < 0 ? nRows - 1 : at.row) * nCols + (at.col < 0 ? nCols - 1 : at.col),
    );
    if (cells.size === 0) return;
    if (at.row < 0 || at.col < 0) {
      const [first] = cells;
      if (multi) this.change(new Set([...(control ? this.selection : []), ...cells]), first);
      return;
    }
    const index = at.row * nCols + at.col;
    if (event.shiftKey && multi) {
      this.change(rectangle(this.grid, this.anchor, index), index);
      return;
    }
    if (control && multi) this.toggle(index);
    else this.change(cells, index);
    this.anchor = index;
    if (!multi) return;
    this.kept = control ? new Set(this.selection) : new Set();
    this.scroller.setPointerCapture(event.pointerId);
  };

  private readonly onPointerMove = (event: PointerEvent): void => {
    const at = this.hitAt(event);
    const index = at && at.row >= 0 && at.col >= 0 ? at.row * this.grid.nCols + at.col : null;
    if (this.kept && index !== null && index !== this.active && this.data.cells[index]) {
      this.focusWanted = true;
      this.change(new Set([...this.kept, ...rectangle(this.grid, this.anchor, index)]), index);
      this.reveal(index);
    }
    if (this.kept) return;
    clearTimeout(this.tipTimer);
    if (index === null) this.hideTip();
    else if (this.tip) this.showTip(index, event);
    else this.tipTimer = setTimeout(() => this.showTip(index, event), tipDelayMs);
  };

  private readonly onPointerUp = (): void => {
    this.kept = null;
  };

  private showTip(index: number, at?: PointerEvent): void {
    const cell = this.data.cells[index];
    if (!cell || !this.layout) {
      this.hideTip();
      return;
    }
    const box = this.scroller.getBoundingClientRect();
    const { left, top } = this.cellOffset(index, this.layout);
    this.tip = {
      text: cell.label,
      x: at?.clientX ?? box.left + left - this.scroller.scrollLeft,
      y: at?.clientY ?? box.top + top - this.scroller.scrollTop,
    };
  }

  private readonly hideTip = (): void => {
    clearTimeout(this.tipTimer);
    this.tip = null;
  };
}

customElements.define('secateur-heat-map', HeatMap);
