/** `<secateur-matrix-table>`: a table of matrices with fields to find some of them. */

import { css, html, LitElement } from 'lit';
import { shared } from '../kit/theme.css.ts';
import './data-table.ts';
import { base } from './styles.ts';
import { type Column, type Filter, filterRows, noFilter, type Order } from './table-model.ts';

interface Placed {
  readonly name: string;
  readonly kind: string;
  readonly block: number;
}

/** Fires `filter-change` (a `Filter`); `order-change` of the table inside passes through. */
export class MatrixTable extends LitElement {
  static override properties = {
    rows: { attribute: false },
    columns: { attribute: false },
    order: { attribute: false },
    filter: { attribute: false },
    active: {},
    label: {},
  };
  declare rows: readonly Placed[];
  declare columns: readonly Column<never>[];
  declare order: Order | null;
  declare filter: Filter;
  declare active: string;
  declare label: string;

  constructor() {
    super();
    this.rows = [];
    this.columns = [];
    this.order = null;
    this.filter = noFilter;
    this.active = '';
    this.label = '';
  }

  static override styles = [
    shared,
    base,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 14px;
        margin-bottom: 8px;
      }
      input {
        width: 18em;
      }
    `,
  ];

  override render() {
    const { filter } = this;
    const rows = filterRows(this.rows, filter);
    const kinds = [...new Set(this.rows.map(({ kind }) => kind))];
    const blocks = [...new Set(this.rows.map(({ block }) => block))].sort((a, b) => a - b);
    const isFiltered = rows.length < this.rows.length;
    return html`<div class="bar">
        <label class="field"
          >Name
          <input type="search" placeholder="part of a name" .value=${filter.text} @input=${this.#set('text')} />
        </label>
        <label class="field">Kind ${choice('every kind', kinds, filter.kind, this.#set('kind'))}</label>
        <label class="field">Block ${choice('every block', blocks.map(String), filter.block, this.#set('block'))}</label>
        <span class="muted" role="status">${isFiltered ? `${rows.length} of ${this.rows.length} matrices` : `${rows.length} matrices`}</span>
        ${isFiltered ? html`<button type="button" class="link" @click=${() => this.#tell(noFilter)}>Show all</button>` : ''}
      </div>
      <secateur-data-table
        .rows=${rows}
        .columns=${this.columns}
        .order=${this.order}
        .active=${this.active}
        .label=${this.label}
        @order-change=${({ detail }: CustomEvent<Order>) => this.dispatchEvent(new CustomEvent<Order>('order-change', { detail }))}
      ></secateur-data-table>`;
  }

  #set(key: keyof Filter) {
    return ({ target }: Event) => this.#tell({ ...this.filter, [key]: (target as HTMLInputElement | HTMLSelectElement).value });
  }

  #tell(detail: Filter): void {
    this.dispatchEvent(new CustomEvent<Filter>('filter-change', { detail }));
  }
}

customElements.define('secateur-matrix-table', MatrixTable);

function choice(all: string, values: readonly string[], chosen: string, changed: (event: Event) => void) {
  return html`<select @change=${changed}>
    <option value="" .selected=${chosen === ''}>${all}</option>
    ${values.map((value) => html`<option value=${value} .selected=${chosen === value}>${value}</option>`)}
  </select>`;
}
