/** Styles that every panel shares. Colours come from the editor's theme alone. */

import { css } from 'lit';

export const shared = css`
  :host {
    box-sizing: border-box;
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size);
    color: var(--vscode-foreground);
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3 {
    margin: 0;
    font-size: 1em;
    font-weight: 600;
    color: var(--vscode-foreground);
  }
  h1 {
    font-size: 1.25em;
  }
  p {
    margin: 0;
  }
  a {
    color: var(--vscode-textLink-foreground);
  }
  code {
    font-family: var(--vscode-editor-font-family);
    font-size: 0.95em;
  }
  .muted {
    color: var(--vscode-descriptionForeground);
  }
  .figures {
    font-variant-numeric: tabular-nums;
  }
  .link {
    padding: 0;
    border: 0;
    background: none;
    font: inherit;
    text-align: start;
    color: var(--vscode-textLink-foreground);
    cursor: pointer;
  }
  .link:hover {
    color: var(--vscode-textLink-activeForeground);
    text-decoration: underline;
  }
  .link:disabled {
    color: var(--vscode-disabledForeground);
    text-decoration: none;
    cursor: default;
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  .offscreen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
