/** `<secateur-report-comparison>`: two reports side by side, with what differs in their results and in how they came about. */

import { css, html, LitElement, nothing } from 'lit';
import {
  type Comparison,
  compareReports,
  type Difference,
  formatSigned,
  pairedSentence,
  provenanceDifferences,
  recipeDifferences,
  whyIncomparable,
} from '../../src/protocol/comparison.ts';
import type { ReportState } from '../../src/protocol/panel.ts';
import { formatBytes, formatCount } from '../../src/protocol/quantity.ts';
import type { Report } from '../../src/protocol/report.ts';
import { formatPercent } from '../kit/format.ts';
import { shared } from '../kit/theme.css.ts';
import { renderActions } from './actions.ts';
import { comparedColumns, comparedMatrices } from './columns.ts';
import { formatSeconds, peakBytes, totalBytes, totalSeconds } from './figures.ts';
import './matrix-section.ts';
import type { Choices } from './single-page.ts';
import { base, page } from './styles.ts';
import type { Filter, Order } from './table-model.ts';
import { renderTiles, type Tile, tileStyles } from './tiles.ts';

/** What stands in a table that is drawn whole. */
const mostDifferences = 200;

const bySize: Order = { key: 'delta', direction: 'descending' };

/** Fires `choices-change` (`Choices`). `state.other` is the second report and has to be there. */
export class ReportComparison extends LitElement {
  static override properties = { state: { attribute: false }, choices: { attribute: false } };
  declare state: ReportState;
  declare choices: Choices;

  static override styles = [
    shared,
    base,
    page,
    tileStyles,
    css`
      .sides {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 2px 10px;
        margin: 6px 0 0;
        overflow-wrap: anywhere;
      }
      .differences {
        width: 100%;
        table-layout: fixed;
        border-spacing: 0;
      }
      .differences th,
      .differences td {
        padding: 3px 12px 3px 0;
        font-weight: normal;
        text-align: left;
        vertical-align: top;
        overflow-wrap: anywhere;
      }
      .differences thead th {
        color: var(--vscode-descriptionForeground);
      }
    `,
  ];

  override render() {
    const { report: first, title, other } = this.state;
    if (!other) return nothing;
    const second = other.report;
    const reason = whyIncomparable(first, second);
    return html`<header>
        <h1>Two reports</h1>
        <dl class="sides">
          <dt>first</dt>
          <dd>${title}</dd>
          <dt>second</dt>
          <dd>${other.title}</dd>
        </dl>
        ${renderActions(['compare', 'copyMarkdown'])}
      </header>
      ${
        reason
          ? html`<p class="note" role="status">These reports cannot be compared matrix by matrix. ${reason}</p>`
          : this.#renderFigures(compareReports(first, second))
      }
      ${renderDifferences('Recipe', 'The recipes are the same.', recipeDifferences(first, second))}
      ${renderDifferences('Provenance', 'Source, texts, version and machine are the same.', provenanceDifferences(first, second))}`;
  }

  #renderFigures(comparison: Comparison) {
    const { report: first, other } = this.state;
    const { filter, order } = this.choices;
    return html`${renderTiles(tilesOf(first, other!.report, comparison), ['first', 'second'])}
      <section>
        <h2>Matrices</h2>
        <secateur-matrix-table
          .rows=${comparedMatrices(comparison, first)}
          .columns=${comparedColumns}
          .order=${order ?? bySize}
          .filter=${filter}
          label="Matrices of both reports, with the difference of their errors"
          @order-change=${({ detail }: CustomEvent<Order>) => this.#choose({ order: detail })}
          @filter-change=${({ detail }: CustomEvent<Filter>) => this.#choose({ filter: detail })}
        ></secateur-matrix-table>
      </section>`;
  }

  #choose(change: Partial<Choices>): void {
    this.dispatchEvent(new CustomEvent<Choices>('choices-change', { detail: { ...this.choices, ...change } }));
  }
}

customElements.define('secateur-report-comparison', ReportComparison);

function tilesOf(a: Report, b: Report, comparison: Comparison): Tile[] {
  const both = <T>(pick: (report: Report) => T): [T, T] => [pick(a), pick(b)];
  const better = comparison.matrices.filter(({ relativeError: [left, right] }) => left !== null && right !== null && right < left).length;
  return [
    perplexityTile(b, comparison),
    { ...plainTile('Sparsity', comparison.sparsity, formatPercent), note: `${comparison.zeros.map(formatCount).join(' and ')} zeros` },
    { label: 'Matrices with a lower error', values: [`${better} of ${comparison.matrices.length}`], note: 'in the second report' },
    plainTile(
      'Size on disk',
      both(({ output }) => totalBytes(output.files)),
      formatBytes,
    ),
    plainTile('Time', both(totalSeconds), formatSeconds),
    plainTile('Peak memory', both(peakBytes), formatBytes),
  ];
}

function perplexityTile(second: Report, { perplexity, pairedNll }: Comparison): Tile {
  const label = 'Perplexity after pruning';
  const [before, after] = perplexity;
  if (before === null && after === null) return { label, values: ['not measured'], note: 'Neither recipe has an evaluate step.' };
  return {
    label,
    values: perplexity.map((value) => value?.toFixed(3) ?? 'not measured'),
    ...(before !== null && after !== null && change(before, after, (value) => value.toFixed(3))),
    note: pairedNll
      ? pairedSentence(pairedNll, second.perplexity!.after.windows)
      : 'Not measured on the same windows, so they cannot be paired.',
  };
}

function plainTile(label: string, [first, second]: readonly [number, number], format: (value: number) => string): Tile {
  return { label, values: [format(first), format(second)], change: first === second ? 'the same' : formatSigned(second - first, format) };
}

/** With a word for whether less is better, as it is of a perplexity. */
function change(first: number, second: number, format: (value: number) => string): Pick<Tile, 'change' | 'trend'> {
  if (first === second) return { change: 'the same' };
  return { change: formatSigned(second - first, format), trend: second < first ? 'better' : 'worse' };
}

function renderDifferences(title: string, none: string, differences: readonly Difference[]) {
  return html`<section>
    <h2>${title}</h2>
    ${differences.length === 0 ? html`<p class="muted">${none}</p>` : renderTable(title, differences)}
  </section>`;
}

function renderTable(title: string, differences: readonly Difference[]) {
  const more = differences.length - mostDifferences;
  return html`<table class="differences">
      <caption class="offscreen">
        What differs: ${title.toLowerCase()}
      </caption>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">First</th>
          <th scope="col">Second</th>
        </tr>
      </thead>
      <tbody>
        ${differences.slice(0, mostDifferences).map(
          ({ key, values }) => html`<tr>
            <th scope="row"><code>${key}</code></th>
            ${values.map((value) => html`<td>${value === null ? html`<span class="muted">absent</span>` : html`<code>${value}</code>`}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
    ${more > 0 ? html`<p class="muted">and ${more} more</p>` : nothing}`;
}
