/** `<secateur-report-panel>`: what the host sent, as a page: a report, two of them, or what is wrong with the file. */

import { css, html, LitElement } from 'lit';
import type { ToReport } from '../../src/protocol/panel.ts';
import { shared } from '../kit/theme.css.ts';
import { renderActions } from './actions.ts';
import './comparison-page.ts';
import { type Choices, firstChoices } from './single-page.ts';
import { base, page } from './styles.ts';

/** `choices-change` of the page inside passes through; `said` is read out to those who do not see. */
export class ReportPanel extends LitElement {
  static override properties = { message: { attribute: false }, choices: { attribute: false }, said: {} };
  declare message: ToReport | null;
  declare choices: Choices;
  declare said: string;

  constructor() {
    super();
    this.message = null;
    this.choices = firstChoices;
    this.said = '';
  }

  static override styles = [
    shared,
    base,
    css`
      .bad {
        max-width: 760px;
        padding: 24px 20px;
      }
    `,
    page,
    css`
      :host {
        max-width: none;
        padding: 0;
      }
    `,
  ];

  override render() {
    return html`<main>${this.#renderPage()}</main>
      <div class="offscreen" role="status">${this.said}</div>`;
  }

  #renderPage() {
    const { message } = this;
    if (!message) return html`<p class="bad muted">Reading the report…</p>`;
    if (message.type === 'bad')
      return html`<div class="bad">
        <h1>This report cannot be read</h1>
        <p class="muted subtitle">${message.title}</p>
        <p class="note" role="alert">${message.message}</p>
        ${renderActions(['openText', 'reveal'])}
      </div>`;
    const { state } = message;
    const relay = (event: Event) => this.dispatchEvent(new CustomEvent(event.type, { detail: (event as CustomEvent).detail }));
    if (state.other)
      return html`<secateur-report-comparison .state=${state} .choices=${this.choices} @choices-change=${relay}></secateur-report-comparison>`;
    return html`<secateur-report-page
      .state=${state}
      .choices=${this.choices}
      @choices-change=${relay}
      @copy-text=${relay}
    ></secateur-report-page>`;
  }
}

customElements.define('secateur-report-panel', ReportPanel);
