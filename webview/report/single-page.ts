/** `<secateur-report-page>`: one report, from the figures that matter most down to where they come from. */

import { html, LitElement, nothing } from 'lit';
import { allocationTables } from '../../src/protocol/allocation.ts';
import { formatSigned, pairedSentence, pairNll } from '../../src/protocol/comparison.ts';
import type { ReportState } from '../../src/protocol/panel.ts';
import { formatBytes, formatCount } from '../../src/protocol/quantity.ts';
import { type Report, zerosAlone } from '../../src/protocol/report.ts';
import { solveName } from '../../src/recipe/solve-name.ts';
import { formatPercent } from '../kit/format.ts';
import { shared } from '../kit/theme.css.ts';
import { renderActions } from './actions.ts';
import { columnsOf } from './columns.ts';
import { figureTableStyles, renderFigures } from './figure-table.ts';
import { baseName, formatSeconds, peakBytes, totalBytes, totalSeconds } from './figures.ts';
import './map-section.ts';
import './matrix-section.ts';
import { type MeasureName, measuresOf } from './measures.ts';
import { depthPlot, plotStyles, scatterPlot } from './plots.ts';
import { provenanceStyles, provenanceText, renderProvenance } from './provenance.ts';
import { base, page } from './styles.ts';
import { type Filter, noFilter, type Order } from './table-model.ts';
import { renderTiles, type Tile, tileStyles } from './tiles.ts';
import { renderTiming, timingStyles } from './timing.ts';

/** What the reader chose; kept while the panel is hidden. */
export interface Choices {
  readonly measure: MeasureName;
  readonly filter: Filter;
  readonly order: Order | null;
}

export const firstChoices: Choices = { measure: 'relativeError', filter: noFilter, order: null };

/** A page is read, not searched: the rest is in the text. */
const mostNotes = 50;

/** Fires `choices-change` (`Choices`) and `copy-text` (text for the clipboard). */
export class ReportPage extends LitElement {
  static override properties = { state: { attribute: false }, choices: { attribute: false }, active: { state: true } };
  declare state: ReportState;
  declare choices: Choices;
  declare private active: string;

  constructor() {
    super();
    this.choices = firstChoices;
    this.active = '';
  }

  static override styles = [shared, base, page, tileStyles, figureTableStyles, plotStyles, timingStyles, provenanceStyles];

  override render() {
    const { report, title, hasRecipe } = this.state;
    const { matrices } = report;
    const { filter, order } = this.choices;
    // What was chosen in another report may be what this one does not have.
    const measure = measuresOf(matrices).includes(this.choices.measure) ? this.choices.measure : firstChoices.measure;
    return html`<header>
        <h1>${baseName(report.source.path)} pruned to ${formatPercent(report.sparsity.achieved)}</h1>
        <p class="muted subtitle">${title} · ${solveName(report.recipe.solve)}, ${report.recipe.allocate.method} allocation</p>
        ${renderActions([...(hasRecipe ? (['openRecipe'] as const) : []), 'compare', 'copyMarkdown', 'openText', 'reveal'])}
      </header>
      ${renderTiles(tilesOf(report), ['before', 'after'])}
      <p class="note">${zerosAlone}</p>
      ${renderNotes(report.notes)} ${allocationTables(report).map(renderFigures)}
      <section>
        <h2>What was done</h2>
        <secateur-report-map
          .matrices=${matrices}
          .measure=${measure}
          @measure-change=${({ detail }: CustomEvent<MeasureName>) => this.#choose({ measure: detail })}
          @matrix-select=${({ detail }: CustomEvent<string>) => {
            this.active = detail;
          }}
          @cell-open=${this.#openCell}
        ></secateur-report-map>
      </section>
      <section>
        <h2>Matrices</h2>
        <secateur-matrix-table
          .rows=${matrices}
          .columns=${columnsOf(matrices)}
          .order=${order}
          .filter=${filter}
          .active=${this.active}
          label="Matrices, with their errors and sparsities"
          @order-change=${({ detail }: CustomEvent<Order>) => this.#choose({ order: detail })}
          @filter-change=${({ detail }: CustomEvent<Filter>) => this.#choose({ filter: detail })}
        ></secateur-matrix-table>
      </section>
      <section>
        <h2>Errors</h2>
        <div class="plots">${depthPlot(matrices)} ${scatterPlot(matrices)}</div>
      </section>
      <section>
        <h2>Timing</h2>
        ${renderTiming(report.steps)}
      </section>
      <section>
        <h2>Provenance</h2>
        <div class="bar"><vscode-button secondary @click=${this.#copyProvenance}>Copy Provenance</vscode-button></div>
        ${renderProvenance(report)}
      </section>`;
  }

  readonly #openCell = ({ detail: { block, kind } }: CustomEvent<{ block: number; kind: string }>): void => {
    this.#choose({ filter: { text: '', kind, block: String(block) } });
    this.renderRoot.querySelector('secateur-matrix-table')?.scrollIntoView({ block: 'nearest' });
  };

  readonly #copyProvenance = (): void => {
    this.dispatchEvent(new CustomEvent<string>('copy-text', { detail: provenanceText(this.state.report) }));
  };

  #choose(change: Partial<Choices>): void {
    this.dispatchEvent(new CustomEvent<Choices>('choices-change', { detail: { ...this.choices, ...change } }));
  }
}

customElements.define('secateur-report-page', ReportPage);

function renderNotes(notes: readonly string[]) {
  if (notes.length === 0) return nothing;
  const more = notes.length - mostNotes;
  return html`<ul class="notes">
    ${notes.slice(0, mostNotes).map((note) => html`<li>${note}</li>`)} ${more > 0 ? html`<li>and ${more} more</li>` : nothing}
  </ul>`;
}

function tilesOf(report: Report): Tile[] {
  const { source, sparsity, output } = report;
  const kept = [source.parameters - source.zeros, source.parameters - sparsity.zeros];
  const bytes = [totalBytes(source.files), totalBytes(output.files)];
  return [
    perplexityTile(report),
    {
      label: 'Sparsity of the prunable weights',
      values: [formatPercent(sparsity.prunable > 0 ? source.zeros / sparsity.prunable : 0), formatPercent(sparsity.achieved)],
      change: `${formatCount(sparsity.zeros)} zeros`,
      note: `${formatPercent(sparsity.asked)} of ${formatCount(sparsity.prunable)} was asked for`,
    },
    {
      label: 'Weights that are not zero',
      values: kept.map(formatCount),
      change: `${formatSigned((kept[1] - kept[0]) / Math.max(1, kept[0]), (share) => formatPercent(share, 1))}`,
      note: 'of all parameters, embeddings included',
    },
    {
      label: 'Size on disk',
      values: bytes.map(formatBytes),
      change: bytes[0] === bytes[1] ? 'unchanged' : formatSigned(bytes[1] - bytes[0], formatBytes),
      note: 'the weights’ files, dense',
    },
    { label: 'Time', values: [formatSeconds(totalSeconds(report))], note: longestStep(report) },
    { label: 'Peak memory', values: [formatBytes(peakBytes(report))], note: 'resident, of the engine’s process' },
  ];
}

function perplexityTile({ perplexity, evaluation }: Report): Tile {
  if (!perplexity) return { label: 'Perplexity', values: ['not measured'], note: 'The recipe has no evaluate step.' };
  const { before, after } = perplexity;
  const paired = pairNll(before, after);
  const share = formatSigned(after.perplexity / before.perplexity - 1, (value) => formatPercent(value, 1));
  return {
    label: 'Perplexity',
    values: [before, after].map((side) => side.perplexity.toFixed(3)),
    change: `${formatSigned(after.perplexity - before.perplexity, (value) => value.toFixed(3))}, ${share}`,
    note: paired ? pairedSentence(paired, after.windows) : (evaluation?.description ?? ''),
  };
}

function longestStep({ steps }: Report): string {
  const longest = steps.reduce<Report['steps'][number] | null>((most, step) => (most && most.seconds >= step.seconds ? most : step), null);
  return longest ? `most of it ${longest.step}, ${formatSeconds(longest.seconds)}` : '';
}
