/** Styles of the heat map. */

import { css } from 'lit';

export const heatMapStyles = css`
  :host {
    display: block;
    position: relative;
    min-width: 0;
  }
  .scroller {
    position: relative;
    overflow: auto;
    max-height: var(--secateur-heat-map-height, 60vh);
  }
  .extent {
    position: relative;
    overflow: hidden;
    overflow: clip;
    min-width: 100%;
  }
  canvas {
    position: sticky;
    inset: 0 auto auto 0;
    display: block;
    opacity: var(--secateur-heat-map-opacity, 1);
  }
  .cell {
    position: absolute;
    outline-offset: -1px;
    pointer-events: none;
  }
  .cell:focus {
    outline: 2px solid var(--vscode-focusBorder);
    box-shadow:
      inset 0 0 0 2px var(--vscode-editor-background),
      0 0 0 2px var(--vscode-editor-background);
  }
  .cell.covered {
    visibility: hidden;
  }
  secateur-legend {
    margin-top: 6px;
  }
`;
