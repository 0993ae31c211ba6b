/**
 * `<secateur-number-field>`: a field in which a number is typed, a share in percent unless told otherwise. Fires `commit` ({ value }) on Enter or on leaving it with another valid
 * value; what is wrong is said below the field. Escape takes the typing back.
 */

import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { type Notation, percent } from './notation.ts';
import { shared } from './theme.css.ts';

/** On a field whose typing has not been taken over yet. */
export const pendingMark = 'data-pending';

const styles = css`
  :host {
    display: inline-block;
    position: relative;
  }
  input {
    width: 5.5em;
    padding: 2px 4px;
    border: 1px solid var(--vscode-settings-textInputBorder, var(--vscode-input-border, var(--vscode-contrastBorder, transparent)));
    border-radius: 2px;
    font: inherit;
    font-variant-numeric: tabular-nums;
    text-align: end;
    background: var(--vscode-input-background);
    color: var(--vscode-input-foreground);
  }
  input:disabled {
    opacity: 0.6;
  }
  input:focus {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  input[aria-invalid='true'] {
    border-color: var(--vscode-inputValidation-errorBorder);
  }
  .problem {
    position: absolute;
    z-index: 1;
    inset: 100% 0 auto auto;
    width: max-content;
    max-width: 220px;
    padding: 2px 6px;
    border: 1px solid var(--vscode-inputValidation-errorBorder);
    background: var(--vscode-inputValidation-errorBackground);
    color: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground));
  }
`;

export class NumberField extends LitElement {
  static override styles = [shared, styles];
  static override properties = {
    value: { attribute: false },
    limits: { attribute: false },
    notation: { attribute: false },
    label: {},
    disabled: { type: Boolean },
    problem: { state: true },
  };

  /** `null` where there are several. */
  declare value: number | null;
  declare limits: readonly [number, number];
  declare notation: Notation;
  declare label: string;
  declare disabled: boolean;
  declare private problem: string;

  constructor() {
    super();
    this.value = null;
    this.limits = [0, 0.99];
    this.notation = percent;
    this.label = '';
    this.disabled = false;
    this.problem = '';
  }

  private get input(): HTMLInputElement {
    return this.renderRoot.querySelector('input')!;
  }

  private get shown(): string {
    return this.value === null ? '' : this.notation.format(this.value);
  }

  protected override render() {
    return html`<input
        type="text"
        inputmode="decimal"
        autocomplete="off"
        spellcheck="false"
        aria-label=${this.label}
        aria-invalid=${this.problem ? 'true' : 'false'}
        aria-describedby=${this.problem ? 'problem' : nothing}
        placeholder=${this.value === null ? 'mixed' : nothing}
        ?disabled=${this.disabled}
        @input=${this.onInput}
        @focus=${this.onFocus}
        @keydown=${this.onKey}
        @blur=${this.take}
      />${this.problem ? html`<div id="problem" class="problem" role="alert">${this.problem}</div>` : nothing}`;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('value') && !this.input.hasAttribute(pendingMark)) this.input.value = this.shown;
  }

  private readonly onFocus = (): void => {
    this.input.select();
  };

  private readonly onInput = (): void => {
    this.input.toggleAttribute(pendingMark, this.input.value !== this.shown);
    if (!this.problem) return;
    const parsed = this.notation.parse(this.input.value, this.limits);
    this.problem = 'problem' in parsed ? parsed.problem : '';
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') this.take();
    else if (event.key === 'Escape' && this.input.hasAttribute(pendingMark)) this.restore();
    else return;
    event.stopPropagation();
  };

  private restore(): void {
    this.problem = '';
    this.input.removeAttribute(pendingMark);
    this.input.value = this.shown;
  }

  private readonly take = (): void => {
    if (!this.input.hasAttribute(pendingMark)) return;
    if (this.input.value.trim() === '') {
      this.restore();
      return;
    }
    const parsed = this.notation.parse(this.input.value, this.limits);
    if ('problem' in parsed) {
      this.problem = parsed.problem;
      return;
    }
    this.restore();
    if (parsed.value === this.value) return;
    this.input.value = this.notation.format(parsed.value);
    this.dispatchEvent(new CustomEvent('commit', { detail: { value: parsed.value } }));
  };
}

customElements.define('secateur-number-field', NumberField);
