/** A table that sorts by any column and draws only the rows in view where there are many. */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { shared } from '../kit/theme.css.ts';
import { base } from './styles.ts';
import { type Column, nextOrder, type Order, sortRows, windowOf } from './table-model.ts';

/** Up to here every row is drawn, so that find and screen readers see all of them. */
const mostDrawn = 500;

/**
 * `rows` in `columns`, in the order of `order`; fires `order-change` with an `Order` when a heading is pressed.
 * The first column is the heading of its row. `label` names the table.
 */
export class DataTable extends LitElement {
  static override properties = {
    rows: { attribute: false },
    columns: { attribute: false },
    order: { attribute: false },
    active: {},
    label: {},
    view: { state: true },
  };
  declare rows: readonly unknown[];
  // The rows' type is the caller's: an element cannot be generic.
  declare columns: readonly Column<never>[];
  declare order: Order | null;
  /** The first column's text in the row that is marked. */
  declare active: string;
  declare label: string;
  declare view: { readonly top: number; readonly height: number; readonly rowHeight: number };

  constructor() {
    super();
    this.rows = [];
    this.columns = [];
    this.order = null;
    this.active = '';
    this.label = '';
    this.view = { top: 0, height: 480, rowHeight: 24 };
  }

  static override styles = [
    shared,
    base,
    css`
      .scroll {
        max-height: min(70vh, 560px);
        min-height: 72px;
        overflow: auto;
        border: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border, transparent));
        border-radius: 4px;
      }
      table {
        width: 100%;
        border-spacing: 0;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      th,
      td {
        padding: 2px 10px;
        text-align: right;
        font-weight: normal;
      }
      thead th {
        position: sticky;
        z-index: 1;
        top: 0;
        padding: 0;
        border-bottom: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border, transparent));
        background: var(--vscode-editor-background);
      }
      th.text,
      td.text,
      tbody th {
        text-align: left;
      }
      thead button {
        display: block;
        width: 100%;
        padding: 5px 10px;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        font-weight: 600;
        text-align: inherit;
        cursor: pointer;
      }
      thead button:hover {
        background: var(--vscode-toolbar-hoverBackground);
      }
      .arrow {
        display: inline-block;
        width: 1em;
        text-align: center;
      }
      tbody tr:hover {
        background: var(--vscode-list-hoverBackground);
      }
      tbody tr.active {
        background: var(--vscode-list-inactiveSelectionBackground);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      tbody th {
        font-family: var(--vscode-editor-font-family, monospace);
        font-size: 0.95em;
      }
      .space td {
        padding: 0;
      }
      @media (max-width: 640px) {
        tbody th {
          max-width: 45vw;
          overflow: hidden;
          text-overflow: ellipsis;
          /* Names begin alike: what is cut off is their beginning. */
          direction: rtl;
        }
      }
    `,
  ];

  override render(): TemplateResult {
    const columns = this.columns as readonly Column<unknown>[];
    const rows = sortRows(this.rows, columns, this.order);
    const { top, height, rowHeight } = this.view;
    const isVirtual = rows.length > mostDrawn;
    const { from, to } = isVirtual ? windowOf(rows.length, top, height, rowHeight) : { from: 0, to: rows.length };
    return html`<div class="scroll" role="region" aria-label=${this.label} tabindex="0" @scroll=${isVirtual ? this.#measure : nothing}>
      <table aria-rowcount=${rows.length + 1}>
        <caption class="offscreen">
          ${this.label}
        </caption>
        <thead>
          <tr aria-rowindex="1">
            ${columns.map((column) => this.#heading(column))}
          </tr>
        </thead>
        <tbody>
          ${space(from * rowHeight)}${rows.slice(from, to).map((row, i) => this.#row(columns, row, from + i))}${space((rows.length - to) * rowHeight)}
        </tbody>
      </table>
    </div>`;
  }

  override updated(changed: PropertyValues<this>): void {
    // The page's policy allows no style attributes, and lit's styleMap begins with one.
    for (const cell of this.renderRoot.querySelectorAll<HTMLElement>('[data-height]')) cell.style.height = `${cell.dataset.height}px`;
    const row = this.renderRoot.querySelector<HTMLElement>('tbody tr.row');
    if (row && row.offsetHeight > 0 && Math.abs(row.offsetHeight - this.view.rowHeight) > 0.5) this.#measure();
    if (changed.has('active') && this.active !== '') this.#showActive();
  }

  #heading(column: Column<unknown>): TemplateResult {
    const direction = this.order?.key === column.key ? this.order.direction : undefined;
    const arrow = direction === 'ascending' ? '↑' : direction === 'descending' ? '↓' : '';
    return html`<th scope="col" class=${isText(column, this.rows) ? 'text' : ''} aria-sort=${direction ?? 'none'}>
      <button type="button" title=${column.meaning ?? nothing} @click=${() => this.#sort(column)}>
        ${column.title}<span class="arrow" aria-hidden="true">${arrow}</span>
      </button>
    </th>`;
  }

  #row(columns: readonly Column<unknown>[], row: unknown, rowIdx: number): TemplateResult {
    const [first, ...others] = columns;
    const name = first.text(row);
    return html`<tr class="row ${name === this.active ? 'active' : ''}" aria-rowindex=${rowIdx + 2}>
      <th scope="row" title=${name}><bdi>${name}</bdi></th>
      ${others.map((column) => {
        const trend = column.trend?.(row);
        return html`<td class="${isText(column, this.rows) ? 'text' : ''} ${trend ?? ''}">${column.text(row)}</td>`;
      })}
    </tr>`;
  }

  #sort(column: Column<unknown>): void {
    const detail = nextOrder(this.order, column, this.rows);
    this.dispatchEvent(new CustomEvent<Order>('order-change', { detail }));
  }

  readonly #measure = (): void => {
    const scroll = this.renderRoot.querySelector('.scroll')!;
    const rowHeight = this.renderRoot.querySelector<HTMLElement>('tbody tr.row')?.offsetHeight || this.view.rowHeight;
    this.view = { top: scroll.scrollTop, height: scroll.clientHeight, rowHeight };
  };

  #showActive(): void {
    const columns = this.columns as readonly Column<unknown>[];
    const idx = sortRows(this.rows, columns, this.order).findIndex((row) => columns[0].text(row) === this.active);
    const scroll = this.renderRoot.querySelector('.scroll')!;
    const top = idx * this.view.rowHeight;
    if (idx >= 0 && (top < scroll.scrollTop || top > scroll.scrollTop + scroll.clientHeight - 3 * this.view.rowHeight))
      scroll.scrollTop = top - scroll.clientHeight / 2;
  }
}

customElements.define('secateur-data-table', DataTable);

/** What stands for the rows that are not drawn. */
function space(height: number): TemplateResult | typeof nothing {
  if (height <= 0) return nothing;
  return html`<tr class="space" aria-hidden="true"><td colspan="99" data-height=${height}></td></tr>`;
}

function isText(column: Column<unknown>, rows: readonly unknown[]): boolean {
  return rows.length > 0 && typeof column.value(rows[0]) === 'string';
}
