/** The buttons above a report. */

import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, type TemplateResult } from 'lit';
import type { FromReport } from '../../src/protocol/panel.ts';

export type ReportAction = Extract<FromReport, { readonly type: 'action' }>['action'];

const titles: Readonly<Record<ReportAction, string>> = {
  openRecipe: 'Open Recipe',
  copyMarkdown: 'Copy as Markdown',
  compare: 'Compare with…',
  openText: 'Open as Text',
  reveal: 'Reveal',
};

/** One button for each action; a press fires `report-action` with it, from where it bubbles out of every shadow root. */
export function renderActions(actions: readonly ReportAction[]): TemplateResult {
  return html`<div class="bar">
    ${actions.map((action) => html`<vscode-button secondary @click=${tell(action)}>${titles[action]}</vscode-button>`)}
  </div>`;
}

function tell(detail: ReportAction) {
  return ({ target }: Event) =>
    (target as HTMLElement).dispatchEvent(new CustomEvent<ReportAction>('report-action', { detail, bubbles: true, composed: true }));
}
