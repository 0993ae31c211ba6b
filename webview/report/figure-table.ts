/** A section of few figures, set side by side in a table of text. */

import { css, html, nothing, type TemplateResult } from 'lit';
import type { FigureTable } from '../../src/protocol/allocation.ts';

/** The first cell of a row is its heading. */
export function renderFigures({ title, meaning, head, rows, conclusion }: FigureTable): TemplateResult {
  return html`<section>
    <h2>${title}</h2>
    <p class="muted">${meaning}</p>
    <div class="wide" tabindex="0" role="region" aria-label=${title}>
      <table class="few">
        <thead>
          <tr>
            ${head.map((cell, i) => (i === 0 ? html`<td></td>` : html`<th scope="col">${cell}</th>`))}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name, ...cells]) => html`<tr>
              <th scope="row">${name}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${conclusion === undefined ? nothing : html`<p>${conclusion}</p>`}
  </section>`;
}

export const figureTableStyles = css`
  .wide {
    overflow-x: auto;
  }
  .few {
    border-spacing: 0;
  }
  .few th,
  .few td {
    padding: 3px 18px 3px 0;
    font-weight: normal;
    text-align: right;
    vertical-align: top;
    font-variant-numeric: tabular-nums;
  }
  .few th[scope='row'] {
    text-align: left;
  }
  .few thead th {
    color: var(--vscode-descriptionForeground);
  }
`;
