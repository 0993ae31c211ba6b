/** How the report looks: the theme's own colours and nothing else. */

import { css } from 'lit';

/** On top of what all panels share. */
export const base = css`
  :host {
    display: block;
    line-height: 1.45;
  }
  code {
    overflow-wrap: anywhere;
  }
  .field {
    display: inline-flex;
    align-items: center;
    flex-wrap: wrap;
    gap: 4px 6px;
    max-width: 100%;
  }
  .better,
  .worse {
    font-weight: 600;
  }
  .better::before,
  .worse::before {
    margin-right: 4px;
    font-size: 0.75em;
  }
  .better::before {
    content: '▼' / '';
    color: var(--vscode-charts-green);
  }
  .worse::before {
    content: '▲' / '';
    color: var(--vscode-charts-red);
  }
  select,
  input {
    height: 26px;
    max-width: 100%;
    padding: 2px 6px;
    border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
    border-radius: 2px;
    background: var(--vscode-dropdown-background);
    color: var(--vscode-dropdown-foreground);
    font: inherit;
  }
  input {
    border-color: var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
    background: var(--vscode-input-background);
    color: var(--vscode-input-foreground);
  }
  input::placeholder {
    color: var(--vscode-input-placeholderForeground);
    opacity: 1;
  }
`;

export const page = css`
  :host {
    max-width: 1280px;
    margin: 0 auto;
    padding: 16px 20px 48px;
  }
  h1 {
    font-size: 1.55em;
    overflow-wrap: anywhere;
  }
  h2 {
    font-size: 1.15em;
  }
  section {
    margin-top: 28px;
    padding-top: 16px;
    border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  section > * + * {
    margin-top: 10px;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-top: 12px;
  }
  .subtitle {
    margin-top: 2px;
    overflow-wrap: anywhere;
  }
  .note {
    margin-top: 12px;
    padding: 6px 10px;
    border-left: 3px solid var(--vscode-textBlockQuote-border, var(--vscode-panel-border));
    background: var(--vscode-textBlockQuote-background);
  }
  ul.notes {
    margin: 8px 0 0;
    padding-left: 20px;
    overflow-wrap: anywhere;
  }
  @media (max-width: 480px) {
    :host {
      padding: 12px 12px 32px;
    }
  }
`;
