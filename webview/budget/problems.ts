/** What is wrong with the recipe, each with the way to its line. */

import { html, nothing } from 'lit';
import type { FromBudget } from '../../src/protocol/panel.ts';
import type { Reading } from './situation.ts';

/** So many are shown; mending the first ones mostly mends the rest. */
const most = 20;

export function problemsPane({ problems, stale, recipe }: Reading, post: (message: FromBudget) => void) {
  if (problems.length === 0) return nothing;
  return html`<section class="notice ${stale ? 'error' : 'warning'}" aria-label="Problems of the recipe">
    ${stale && recipe ? html`<p>The recipe has problems. Below stands what it said before; nothing can be changed here until they are mended.</p>` : nothing}
    <ul>
      ${problems.slice(0, most).map(({ severity, message, hint, range: { start } }) => {
        const place = `${start.line}:${start.column}`;
        return html`<li>
          <button
            class="link figures"
            aria-label=${`${place}: show this line`}
            @click=${() => post({ type: 'reveal', line: start.line, column: start.column })}
          >
            ${place}
          </button>
          <span><strong>${severity === 'error' ? 'Error' : 'Warning'}:</strong> ${message}${hint ? html` <span class="hint">${hint}</span>` : nothing}</span>
        </li>`;
      })}
    </ul>
    ${problems.length > most ? html`<p>and ${problems.length - most} more.</p>` : nothing}
    ${stale ? html`<vscode-button secondary @click=${() => post({ type: 'action', action: 'openAsText' })}>Open as Text</vscode-button>` : nothing}
  </section>`;
}
