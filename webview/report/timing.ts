/** Where the time went, step by step. */

import { css, html, type TemplateResult } from 'lit';
import { formatBytes } from '../../src/protocol/quantity.ts';
import type { StepReport } from '../../src/protocol/report.ts';
import { formatPercent } from '../kit/format.ts';
import { formatSeconds } from './figures.ts';

export function renderTiming(steps: readonly StepReport[]): TemplateResult {
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  return html`<div class="timing">
    <table>
      <caption class="offscreen">
        Time and peak memory of each step
      </caption>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <td class="track"></td>
          <th scope="col" class="number">Time</th>
          <th scope="col" class="number share">Share</th>
          <th scope="col" class="number">Peak memory</th>
        </tr>
      </thead>
      <tbody>
        ${steps.map(
          ({ step, seconds, peakBytes }) => html`<tr>
            <th scope="row">${step}</th>
            <td class="track" aria-hidden="true">
              <svg width="100%" height="10"><rect width=${`${total > 0 ? (100 * seconds) / total : 0}%`} height="10" rx="2" /></svg>
            </td>
            <td class="number">${formatSeconds(seconds)}</td>
            <td class="number share">${formatPercent(total > 0 ? seconds / total : 0, 1)}</td>
            <td class="number">${formatBytes(peakBytes)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export const timingStyles = css`
  .timing {
    overflow-x: auto;
  }
  .timing table {
    width: 100%;
    max-width: 760px;
    border-spacing: 0;
    font-variant-numeric: tabular-nums;
  }
  .timing th,
  .timing td {
    padding: 2px 12px 2px 0;
    font-weight: normal;
    text-align: left;
    white-space: nowrap;
  }
  .timing thead th {
    color: var(--vscode-descriptionForeground);
  }
  .timing .number {
    text-align: right;
  }
  .track {
    width: 45%;
    min-width: 60px;
  }
  .track svg {
    display: block;
  }
  @media (max-width: 480px) {
    .track,
    .share {
      display: none;
    }
  }
  .track rect {
    fill: var(--vscode-charts-blue);
  }
`;
