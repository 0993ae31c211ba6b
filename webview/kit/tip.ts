/** `<secateur-tip>`: a tooltip of plain text beside a point, kept within the window. */

import { css, html, LitElement } from 'lit';
import { shared } from './theme.css.ts';

const styles = css`
  :host {
    position: fixed;
    z-index: 2;
    inset: 0 auto auto 0;
    max-width: min(360px, 90vw);
    padding: 3px 8px;
    border: 1px solid var(--vscode-editorHoverWidget-border, var(--vscode-contrastBorder, transparent));
    border-radius: 3px;
    background: var(--vscode-editorHoverWidget-background);
    color: var(--vscode-editorHoverWidget-foreground);
    pointer-events: none;
    overflow-wrap: anywhere;
    white-space: pre-line;
  }
`;

export class Tip extends LitElement {
  static override styles = [shared, styles];
  static override properties = { text: {}, at: { attribute: false } };

  declare text: string;
  /** In pixels of the window; `null` hides the tip. */
  declare at: { readonly x: number; readonly y: number } | null;

  constructor() {
    super();
    this.text = '';
    this.at = null;
    this.hidden = true;
  }

  protected override render() {
    return html`${this.text}`;
  }

  protected override updated(): void {
    this.hidden = this.at === null;
    if (!this.at) return;
    const { width, height } = this.getBoundingClientRect();
    const left = Math.max(4, Math.min(this.at.x + 12, innerWidth - width - 4));
    const below = this.at.y + 24;
    this.style.transform = `translate(${left}px, ${below + height < innerHeight ? below : this.at.y - height - 8}px)`;
  }
}

customElements.define('secateur-tip', Tip);
