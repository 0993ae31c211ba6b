/** `<secateur-legend>`: the colour scale with its ticks, and what it stands for. */

import { css, html, LitElement, nothing, unsafeCSS } from 'lit';
import { scaleStops } from './colour.ts';
import { type HeatScale, positionOf, ticksOf } from './heat-data.ts';
import { shared } from './theme.css.ts';

const styles = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    align-items: start;
    gap: 2px 12px;
    font-size: 0.92em;
    color: var(--vscode-descriptionForeground);
  }
  .bar {
    position: relative;
    flex: 0 1 260px;
    min-width: 150px;
    margin-inline: 14px;
  }
  .gradient {
    height: 10px;
    margin-top: 3px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    background: linear-gradient(to right, ${unsafeCSS(scaleStops())});
    background-origin: border-box;
    forced-color-adjust: none;
  }
  .ticks {
    position: relative;
    height: 1.6em;
  }
  .tick {
    position: absolute;
    translate: -50% 0;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .tick::before {
    content: '';
    display: block;
    width: 1px;
    height: 3px;
    margin: 0 auto;
    background: currentColor;
  }
`;

export class Legend extends LitElement {
  static override styles = [shared, styles];
  static override properties = { domain: { attribute: false }, scale: {}, heading: {}, unit: {} };

  declare domain: readonly [number, number];
  declare scale: HeatScale;
  declare heading: string;
  declare unit: string;

  private get ticks(): readonly number[] {
    return ticksOf(this.domain, this.scale, 5);
  }

  protected override render() {
    const percent = this.unit === '%';
    return html`
      <span>${this.heading}</span>
      <div class="bar" aria-hidden="true">
        <div class="gradient"></div>
        <div class="ticks">${this.ticks.map((tick) => html`<span class="tick">${tickText(tick)}${percent ? ' %' : ''}</span>`)}</div>
      </div>
      <span class="offscreen">from ${tickText(this.domain[0])} to ${tickText(this.domain[1])} ${this.unit}</span>
      ${this.unit === '' || percent ? nothing : html`<span>${this.unit}</span>`}
    `;
  }

  /** Positions go through the object model, since the panels allow no style attributes. */
  protected override updated(): void {
    const { ticks } = this;
    for (const [i, tick] of this.renderRoot.querySelectorAll<HTMLElement>('.tick').entries())
      tick.style.left = `${100 * positionOf(ticks[i], this.domain, this.scale)}%`;
  }
}

function tickText(value: number): string {
  return String(Number(value.toPrecision(3)));
}

customElements.define('secateur-legend', Legend);
