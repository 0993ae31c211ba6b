/** The figures that matter most: two values each, what lies between them, and what that rests on. */

import { css, html, nothing, type TemplateResult } from 'lit';

export interface Tile {
  readonly label: string;
  /** The two sides; one value where there is nothing to set against it. */
  readonly values: readonly string[];
  /** From the first value to the second. */
  readonly change?: string;
  readonly trend?: 'better' | 'worse' | undefined;
  readonly note?: string;
}

/** @param sides  what the two values are, for those who hear them */
export function renderTiles(tiles: readonly Tile[], sides: readonly [string, string]): TemplateResult {
  return html`<dl class="tiles">
    ${tiles.map(
      ({ label, values, change, trend, note }) => html`<div class="tile">
        <dt>${label}</dt>
        <dd class="values">
          ${values.map(
            (value, i) =>
              html`${i > 0 ? html`<span class="arrow" aria-hidden="true">→</span>` : nothing}<span class=${i === 0 && values.length > 1 ? 'first' : 'last'}
                  >${values.length > 1 ? html`<span class="offscreen">${sides[i]} </span>` : nothing}${value}</span
                >`,
          )}
        </dd>
        ${change ? html`<dd class=${trend ?? ''}>${change}${trend ? `, ${trend}` : ''}</dd>` : nothing}
        ${note ? html`<dd class="muted">${note}</dd>` : nothing}
      </div>`,
    )}
  </dl>`;
}

export const tileStyles = css`
  .tiles {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(310px, 100%), 1fr));
    gap: 8px;
    margin: 16px 0 0;
  }
  .tile {
    padding: 10px 12px;
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border, transparent));
    border-radius: 4px;
    background: var(--vscode-sideBar-background, transparent);
  }
  dt {
    color: var(--vscode-descriptionForeground);
  }
  dd {
    margin: 0;
    font-variant-numeric: tabular-nums;
  }
  .values {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 8px;
    margin: 2px 0;
    font-size: 1.5em;
    line-height: 1.35;
  }
  .first,
  .arrow {
    color: var(--vscode-descriptionForeground);
    font-size: 0.75em;
  }
  .last {
    font-weight: 600;
  }
`;
