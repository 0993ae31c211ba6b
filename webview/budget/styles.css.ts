/** Styles of the budget panel. */

import { css } from 'lit';

export const panelStyles = css`
  :host {
    display: block;
    padding: 12px 0 24px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    margin-bottom: 12px;
  }
  .title {
    flex: 1 1 220px;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .running {
    flex: 1 0 100%;
  }
  .running p {
    margin-top: 4px;
    overflow-wrap: anywhere;
  }
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
    margin-bottom: 10px;
    padding: 8px 12px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-inline-start: 3px solid var(--vscode-editorInfo-foreground);
    background: var(--vscode-textBlockQuote-background, var(--vscode-editorWidget-background));
    overflow-wrap: anywhere;
  }
  .notice.error {
    border-inline-start-color: var(--vscode-editorError-foreground);
  }
  .notice.warning {
    border-inline-start-color: var(--vscode-editorWarning-foreground);
  }
  .notice > p {
    flex: 1 1 260px;
  }
  .notice ul {
    flex: 1 0 100%;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .notice li {
    display: flex;
    gap: 10px;
    padding: 1px 0;
  }
  .notice .link {
    flex: none;
    min-width: 3.5em;
    color: inherit;
    text-decoration: underline;
  }
  .hint {
    display: block;
    color: var(--vscode-descriptionForeground);
  }
  main {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px 28px;
  }
  @media (min-width: 860px) {
    main {
      grid-template-columns: minmax(0, 1fr) minmax(320px, 400px);
    }
  }
  section {
    min-width: 0;
  }
  section > h2,
  .bar {
    margin-bottom: 6px;
  }
  .pane {
    margin-bottom: 16px;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
  }
  .method {
    display: grid;
    grid-template-columns: minmax(0, 7em) minmax(60px, 1fr);
    align-items: center;
    gap: 8px;
    min-height: 30px;
  }
  .control {
    display: block;
    color: var(--vscode-descriptionForeground);
  }
  select {
    max-width: 100%;
    padding: 3px 6px;
    border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
    border-radius: 2px;
    font: inherit;
    background: var(--vscode-dropdown-background);
    color: var(--vscode-dropdown-foreground);
  }
  .stale secateur-heat-map {
    --secateur-heat-map-opacity: 0.5;
  }
  summary {
    padding: 4px 0;
    font-weight: 600;
    cursor: pointer;
  }
  details {
    border-top: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
  }
  dl {
    display: grid;
    grid-template-columns: minmax(6em, max-content) minmax(0, 1fr);
    gap: 2px 14px;
    margin: 0 0 6px;
    font-variant-numeric: tabular-nums;
  }
  dt {
    color: var(--vscode-descriptionForeground);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .name {
    margin-bottom: 4px;
    overflow-wrap: anywhere;
  }
  .alone {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    margin: 6px 0;
  }
  .alone p {
    margin: 0;
  }
  .curve {
    max-width: 320px;
    margin: 4px 0 0;
  }
  .curve svg {
    width: 100%;
    font-size: 10px;
  }
  .curve text {
    fill: var(--vscode-descriptionForeground);
  }
  .curve polyline {
    fill: none;
    stroke: var(--vscode-charts-blue, var(--vscode-foreground));
    stroke-width: 1.5;
  }
  .curve .axis {
    stroke: var(--vscode-descriptionForeground);
  }
  .curve .drop {
    stroke: var(--vscode-foreground);
    stroke-dasharray: 2 2;
  }
  .curve circle {
    fill: var(--vscode-foreground);
  }
  .skeleton {
    height: 240px;
    background: var(--vscode-editorWidget-background);
    border: 1px solid var(--vscode-contrastBorder, transparent);
  }
  @media (prefers-reduced-motion: no-preference) {
    .skeleton {
      animation: breathe 2s ease-in-out infinite alternate;
    }
  }
  @keyframes breathe {
    to {
      opacity: 0.5;
    }
  }
`;
