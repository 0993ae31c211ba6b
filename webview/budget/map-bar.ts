/** Above the heat map: what it shows, and the way into a column that experts share. */

import { html } from 'lit';
import type { Board } from './board.ts';
import { isShownId, type ShownId, shown, shownTable, titleOf, type View } from './measures.ts';

export interface MapBar {
  readonly shownId: ShownId;
  readonly view: View;
  readonly board: Board;
  /** The column that is open; `null` where the board shows all. */
  readonly opened: string | null;
  readonly onShown: (id: ShownId) => void;
  readonly open: (column: string | null) => void;
}

export function mapBar({ shownId, view, board, opened, onShown, open }: MapBar) {
  const change = ({ target }: Event) => {
    const { value } = target as HTMLSelectElement;
    if (isShownId(value)) onShown(value);
  };
  return html`<div class="bar">
    <label for="shown">Show</label>
    <select id="shown" @change=${change}>
      ${(Object.keys(shownTable) as ShownId[]).map((id) => {
        const reason = shown(id).missing(view);
        return html`<option value=${id} ?selected=${id === shownId} ?disabled=${reason !== null}>
          ${titleOf(id, view)}${reason === null ? '' : ` (${reason})`}
        </option>`;
      })}
    </select>
    ${
      opened === null
        ? board.columns
            .filter(({ folded }) => folded)
            .map(({ key, title }) => html`<button class="link" @click=${() => open(key)}>Open ${title}</button>`)
        : html`<vscode-button secondary @click=${() => open(null)}>All Kinds</vscode-button>
            <span class="muted">${opened}, one column an expert</span>`
    }
  </div>`;
}
