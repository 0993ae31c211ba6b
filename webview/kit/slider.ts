/**
 * `<secateur-slider>`: a number to be dragged, a sparsity unless told otherwise, with a field to type it in and, where it can be locked, a
 * lock.
 *
 * While it is dragged it fires `slide` ({ value }), and on release exactly one `commit` ({ value }); keys commit after a short pause. Escape
 * fires `cancel`, and nothing is committed. The lock fires `lock` ({ locked }) with what is wished.
 */

import { css, html, LitElement, nothing } from 'lit';
import { type Notation, percent } from './notation.ts';
import './number-field.ts';
import { shared } from './theme.css.ts';

/** How long keys rest before what they changed is taken over. */
export const keyPauseMs = 500;

/** Of the track, in what an arrow key moves. */
const step = 0.01;

const styles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, var(--secateur-slider-label, 7em)) minmax(60px, 1fr) auto 26px;
    align-items: center;
    gap: 8px;
    min-height: 28px;
  }
  .label {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  input[type='range'] {
    --fill: 0%;
    appearance: none;
    width: 100%;
    height: 20px;
    margin: 0;
    background: none;
    cursor: pointer;
  }
  input[type='range']::-webkit-slider-runnable-track {
    height: 4px;
    border-radius: 2px;
    background: linear-gradient(
      to right,
      var(--vscode-progressBar-background) var(--fill),
      var(--vscode-scrollbarSlider-hoverBackground, var(--vscode-disabledForeground)) var(--fill)
    );
    outline: 1px solid var(--vscode-contrastBorder, transparent);
  }
  input[type='range']::-moz-range-track {
    height: 4px;
    border-radius: 2px;
    background: var(--vscode-scrollbarSlider-hoverBackground);
    outline: 1px solid var(--vscode-contrastBorder, transparent);
  }
  input[type='range']::-moz-range-progress {
    height: 4px;
    background: var(--vscode-progressBar-background);
  }
  input[type='range']::-webkit-slider-thumb {
    appearance: none;
    width: 14px;
    height: 14px;
    margin-top: -5px;
    border: 2px solid var(--vscode-editor-background);
    border-radius: 50%;
    background: var(--vscode-foreground);
  }
  input[type='range']::-moz-range-thumb {
    width: 10px;
    height: 10px;
    border: 2px solid var(--vscode-editor-background);
    border-radius: 50%;
    background: var(--vscode-foreground);
  }
  input[type='range']:disabled {
    opacity: 0.5;
    cursor: default;
  }
  button {
    display: grid;
    place-items: center;
    width: 24px;
    height: 24px;
    padding: 0;
    border: 1px solid transparent;
    border-radius: 4px;
    background: none;
    color: var(--vscode-icon-foreground, var(--vscode-foreground));
    cursor: pointer;
  }
  button:hover:enabled {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
  }
  button:disabled {
    opacity: 0.4;
    cursor: default;
  }
  button svg {
    width: 14px;
    height: 14px;
  }
  button[aria-pressed='false'] {
    color: var(--vscode-descriptionForeground);
  }
`;

export class Slider extends LitElement {
  static override styles = [shared, styles];
  static override properties = {
    value: { attribute: false },
    limits: { attribute: false },
    extent: { attribute: false },
    notation: { attribute: false },
    label: {},
    text: {},
    disabled: { type: Boolean },
    fixed: { type: Boolean },
    locked: { attribute: false },
  };

  /** A mean where there are several. */
  declare value: number;
  declare limits: readonly [number, number];
  /** The ends of the track. */
  declare extent: readonly [number, number];
  declare notation: Notation;
  /** Names the slider for a screen reader. */
  declare label: string;
  /** What stands before it. */
  declare text: string;
  declare disabled: boolean;
  /** The figure cannot be changed, though the lock may be. */
  declare fixed: boolean;
  /** `null` where there is no lock to be had. */
  declare locked: boolean | null;

  /** Who moves the slider now; after Escape the pointer is ignored until it is released. */
  private mode: 'rest' | 'pointer' | 'keys' | 'cancelled' = 'rest';
  private timer = 0;
  private start = 0;

  constructor() {
    super();
    this.value = 0;
    this.limits = [0, 0.99];
    this.extent = [0, 1];
    this.notation = percent;
    this.label = '';
    this.text = '';
    this.disabled = false;
    this.fixed = false;
    this.locked = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private get range(): HTMLInputElement {
    return this.renderRoot.querySelector('input')!;
  }

  private get length(): number {
    return this.extent[1] - this.extent[0];
  }

  protected override render() {
    return html`
      <span class="label" title=${this.text}>${this.text}</span>
      <input
        type="range"
        min=${this.extent[0]}
        max=${this.extent[1]}
        step=${this.length / 1000}
        aria-label=${this.label}
        ?disabled=${this.disabled || this.fixed}
        @pointerdown=${this.onDown}
        @pointerup=${this.onUp}
        @pointercancel=${this.cancel}
        @input=${this.onInput}
        @change=${this.onChange}
        @keydown=${this.onKey}
        @blur=${this.flush}
      />
      <secateur-number-field
        .value=${this.value}
        .limits=${this.limits}
        .notation=${this.notation}
        .label=${`${this.label}, as a figure`}
        ?disabled=${this.disabled || this.fixed}
        @commit=${this.onTyped}
      ></secateur-number-field>
      ${this.locked === null ? html`<span></span>` : this.renderLock(this.locked)}
    `;
  }

  private renderLock(locked: boolean) {
    const shackle = locked ? 'M4.5 7V4.5a3.5 3.5 0 0 1 7 0V7' : 'M4.5 7V4.5a3.5 3.5 0 0 1 6.6-1.6';
    return html`<button
      type="button"
      aria-pressed=${String(locked)}
      aria-label=${`${this.label}: lock`}
      title=${locked ? 'Locked; click to give it back to the method' : 'Free; click to lock it as it is'}
      ?disabled=${this.disabled}
      @click=${this.onLock}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.4">
        <path d=${shackle} />
        <rect x="3" y="7" width="10" height="7" rx="1" fill=${locked ? 'currentColor' : nothing} />
      </svg>
    </button>`;
  }

  protected override updated(): void {
    const { range } = this;
    range.value = String(this.value);
    range.setAttribute('aria-valuetext', this.notation.format(this.value));
    range.style.setProperty('--fill', `${(100 * (this.value - this.extent[0])) / this.length}%`);
  }

  private send(type: 'slide' | 'commit', value: number): void {
    this.dispatchEvent(new CustomEvent(type, { detail: { value } }));
  }

  private show(value: number): number {
    const within = Math.min(this.limits[1], Math.max(this.limits[0], Number(value.toFixed(4))));
    this.value = within;
    return within;
  }

  private readonly onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || this.disabled) return;
    this.flush();
    this.mode = 'pointer';
    this.start = this.value;
  };

  private readonly onInput = (): void => {
    if (this.mode === 'cancelled') {
      this.range.value = String(this.value);
      return;
    }
    const steps = Math.round(((this.range.valueAsNumber - this.extent[0]) / this.length) * 200);
    const value = this.extent[0] + (this.length * steps) / 200;
    if (this.mode === 'rest') this.moveTo(value);
    else this.send('slide', this.show(value));
  };

  private readonly onChange = (): void => {
    if (this.mode !== 'cancelled') this.end();
  };

  /** A browser may leave out the change event, since the value was set while the pointer moved; if it comes, it comes before the timer. */
  private readonly onUp = (): void => {
    setTimeout(() => {
      if (this.mode === 'pointer') this.end();
      this.mode = 'rest';
    });
  };

  private end(): void {
    if (this.mode === 'rest') return;
    clearTimeout(this.timer);
    this.mode = 'rest';
    if (this.value !== this.start) this.send('commit', this.value);
    else this.dispatchEvent(new CustomEvent('cancel'));
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const to = this.keyTarget(event);
    if (event.key === 'Escape' && this.mode !== 'rest') this.cancel();
    else if (to === null || event.ctrlKey || event.metaKey || event.altKey) return;
    else this.moveTo(to);
    event.preventDefault();
    event.stopPropagation();
  };

  private keyTarget({ key, shiftKey }: KeyboardEvent): number | null {
    const small = this.length * (shiftKey ? step / 10 : step);
    switch (key) {
      case 'ArrowLeft':
      case 'ArrowDown':
        return this.value - small;
      case 'ArrowRight':
      case 'ArrowUp':
        return this.value + small;
      case 'PageDown':
        return this.value - 10 * step * this.length;
      case 'PageUp':
        return this.value + 10 * step * this.length;
      case 'Home':
        return this.limits[0];
      case 'End':
        return this.limits[1];
      default:
        return null;
    }
  }

  private moveTo(value: number): void {
    if (this.mode === 'pointer' || this.mode === 'cancelled') return;
    if (this.mode === 'rest') this.start = this.value;
    this.mode = 'keys';
    this.send('slide', this.show(value));
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, keyPauseMs);
  }

  private readonly flush = (): void => {
    if (this.mode === 'keys') this.end();
  };

  private readonly cancel = (): void => {
    clearTimeout(this.timer);
    this.mode = this.mode === 'pointer' ? 'cancelled' : 'rest';
    this.value = this.start;
    this.range.value = String(this.value);
    this.dispatchEvent(new CustomEvent('cancel'));
  };

  private readonly onTyped = ({ detail }: CustomEvent<{ value: number }>): void => {
    this.send('commit', detail.value);
  };

  private readonly onLock = (): void => {
    this.dispatchEvent(new CustomEvent('lock', { detail: { locked: !this.locked } }));
  };
}

customElements.define('secateur-slider', Slider);
