/**
 * `<secateur-slider-list>`: one slider a group of slots. Only the rows that are seen exist, since a model may have thousands of blocks.
 *
 * Fires `group-slide`, `group-commit` ({ group, value }), `group-cancel` and `group-lock` ({ group, locked }).
 */

import { css, html, LitElement } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Slot } from '../../src/methods/allocator.ts';
import { type BudgetEntry, meanSparsity } from '../../src/recipe/budget.ts';
import '../kit/slider.ts';
import { shared } from '../kit/theme.css.ts';
import type { Group } from './board.ts';

const rowHeight = 30;
/** Rows beyond those that are seen, so that the Tab key finds the next one. */
const margin = 4;

const styles = css`
  :host {
    display: block;
    max-height: 320px;
    overflow: auto;
  }
  .extent {
    position: relative;
  }
  secateur-slider {
    position: absolute;
    inset: 0 0 auto 0;
    height: 30px;
    padding-inline-end: 4px;
  }
`;

export class SliderList extends LitElement {
  static override styles = [shared, styles];
  static override properties = {
    groups: { attribute: false },
    slots: { attribute: false },
    budget: { attribute: false },
    noun: {},
    disabled: { type: Boolean },
    fixedShare: { attribute: false },
    first: { state: true },
    last: { state: true },
    focused: { state: true },
  };

  declare groups: readonly Group[];
  declare slots: readonly Slot[];
  declare budget: readonly BudgetEntry[];
  /** What a group is, before its title. */
  declare noun: string;
  declare disabled: boolean;
  /** Whether only locks can be changed, not sparsities. */
  declare fixedShare: boolean;
  declare private first: number;
  declare private last: number;
  /** The row that has the focus stays, wherever it is scrolled to. */
  declare private focused: number;

  private readonly sizes = new ResizeObserver(() => this.look());

  constructor() {
    super();
    this.groups = [];
    this.first = 0;
    this.last = 0;
    this.focused = -1;
    this.addEventListener('scroll', this.look, { passive: true });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  private readonly look = (): void => {
    this.first = Math.max(0, Math.floor(this.scrollTop / rowHeight) - margin);
    this.last = Math.ceil((this.scrollTop + Math.max(this.clientHeight, rowHeight)) / rowHeight) + margin;
  };

  protected override firstUpdated(): void {
    this.look();
  }

  protected override render() {
    const rows = Array.from({ length: Math.max(0, Math.min(this.last, this.groups.length) - this.first) }, (_, i) => this.first + i);
    if (this.focused >= 0 && this.focused < this.groups.length && !rows.includes(this.focused)) rows.push(this.focused);
    return html`<div class="extent" role="list">
      ${repeat(
        rows,
        (row) => row,
        (row) => this.renderRow(row),
      )}
    </div>`;
  }

  private renderRow(row: number) {
    const group = this.groups[row];
    const fire = (type: string, detail: object) => this.dispatchEvent(new CustomEvent(type, { detail: { group, ...detail } }));
    return html`<secateur-slider
      role="listitem"
      data-row=${row}
      .text=${group.title}
      .label=${`${this.noun} ${group.title}`}
      .value=${meanSparsity(this.budget, this.slots, group.slots)}
      .locked=${group.slots.every((i) => this.budget[i].fixed)}
      ?disabled=${this.disabled}
      ?fixed=${this.fixedShare}
      @focusin=${() => {
        this.focused = row;
      }}
      @slide=${({ detail }: CustomEvent) => fire('group-slide', detail)}
      @commit=${({ detail }: CustomEvent) => fire('group-commit', detail)}
      @cancel=${() => fire('group-cancel', {})}
      @lock=${({ detail }: CustomEvent) => fire('group-lock', detail)}
    ></secateur-slider>`;
  }

  protected override updated(): void {
    const extent = this.renderRoot.querySelector<HTMLElement>('.extent')!;
    extent.style.height = `${this.groups.length * rowHeight}px`;
    for (const row of extent.querySelectorAll<HTMLElement>('secateur-slider'))
      row.style.transform = `translateY(${Number(row.dataset.row) * rowHeight}px)`;
  }
}

customElements.define('secateur-slider-list', SliderList);
