/** `<secateur-report-map>`: the heat map of what was done, with a choice of what it shows. */

import { css, html, LitElement, type PropertyValues } from 'lit';
import type { MatrixReport } from '../../src/protocol/report.ts';
import type { HeatCell, HeatData } from '../kit/heat-data.ts';
import '../kit/heat-map.ts';
import type { SelectionChange } from '../kit/heat-map.ts';
import { shared } from '../kit/theme.css.ts';
import { type Grid, makeGrid, meanOf } from './grid.ts';
import { domainOf, isMeasureName, type Measure, type MeasureName, measures, measuresOf } from './measures.ts';
import { base } from './styles.ts';

/**
 * Fires `measure-change` (a `MeasureName`) when another measure is chosen, `matrix-select` (a matrix name) when a cell is
 * selected, and `cell-open` ({ block, kind }) on Enter or a double click.
 */
export class ReportMap extends LitElement {
  static override properties = { matrices: { attribute: false }, measure: {}, selected: { state: true } };
  declare matrices: readonly MatrixReport[];
  declare measure: MeasureName;
  declare private selected: ReadonlySet<number>;
  #grid: Grid<MatrixReport> = makeGrid<MatrixReport>([]);
  #data: HeatData = { rows: [], cols: [], cells: [] };
  #domain: readonly [number, number] = [0, 1];

  constructor() {
    super();
    this.matrices = [];
    this.measure = 'relativeError';
    this.selected = new Set();
  }

  static override styles = [
    shared,
    base,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 16px;
        margin-bottom: 10px;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('matrices')) {
      this.#grid = makeGrid(this.matrices);
      this.selected = new Set();
    }
    if (!changed.has('matrices') && !changed.has('measure')) return;
    const measure: Measure = measures[this.measure];
    const { rows, cols, cells } = this.#grid;
    const heatCells = cells.map((members) => heatCell(members, measure));
    this.#data = { rows, cols, cells: heatCells };
    this.#domain = domainOf(
      measure,
      heatCells.map((cell) => cell?.value ?? null),
    );
  }

  override render() {
    const { meaning, unit, title, scale } = measures[this.measure];
    return html`<div class="bar">
        <label class="field"
          >Show
          <select @change=${this.#choose}>
            ${measuresOf(this.matrices).map(
              (name) => html`<option value=${name} .selected=${name === this.measure}>${measures[name].title}</option>`,
            )}
          </select>
        </label>
        <span class="muted">${meaning}</span>
      </div>
      <secateur-heat-map
        .data=${this.#data}
        .domain=${this.#domain}
        .heading=${title}
        .unit=${unit}
        .scale=${scale}
        .selection=${this.selected}
        selectable="single"
        @selection-change=${this.#select}
        @cell-activate=${this.#open}
      ></secateur-heat-map>`;
  }

  readonly #choose = ({ target }: Event): void => {
    const name = (target as HTMLSelectElement).value;
    if (isMeasureName(name)) this.#tell('measure-change', name);
  };

  readonly #select = ({ detail: { selection } }: CustomEvent<SelectionChange>): void => {
    this.selected = new Set(selection);
    const [first] = selection;
    this.#tell('matrix-select', first === undefined ? '' : (this.#grid.cells[first][0]?.name ?? ''));
  };

  readonly #open = ({ detail: { index } }: CustomEvent<{ index: number }>): void => {
    const [matrix] = this.#grid.cells[index];
    if (matrix) this.#tell('cell-open', { block: matrix.block, kind: matrix.kind });
  };

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define('secateur-report-map', ReportMap);

function heatCell(members: readonly MatrixReport[], measure: Measure): HeatCell | null {
  if (members.length === 0) return null;
  const value = meanOf(members.map(measure.value));
  return {
    value,
    text: value === null ? '' : measure.short(value),
    get label() {
      const figure = value === null ? 'not known' : measure.text(value);
      const [first] = members;
      if (members.length === 1)
        return `${first.name}: ${measure.title.toLowerCase()} ${figure}, ${first.shape.join(' × ')}, ${first.zeros} zeros`;
      return `Block ${first.block}, ${first.kind}: mean ${measure.title.toLowerCase()} ${figure} of ${members.length} matrices`;
    },
  };
}
