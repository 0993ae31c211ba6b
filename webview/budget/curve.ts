/** The error curve of one matrix as a small plot, with the point its sparsity stands at. */

import { html, svg } from 'lit';
import type { ErrorCurve } from '../../src/methods/error-curve.ts';
import { errorAt } from '../../src/methods/error-curve.ts';
import { formatFigure, formatPercent } from '../kit/format.ts';

const [width, height] = [260, 120];
const margin = { left: 44, right: 8, top: 8, bottom: 20 };

/** @param what  the curve's errors are, with their unit; stands below it */
export function curvePlot(curve: ErrorCurve, sparsity: number, what: string) {
  const most = curve.reduce((high, { error }) => Math.max(high, error), 0) || 1;
  const x = (share: number) => margin.left + share * (width - margin.left - margin.right);
  const y = (error: number) => height - margin.bottom - (Math.min(error, most) / most) * (height - margin.top - margin.bottom);
  const here = errorAt(curve, sparsity);
  const points = [{ sparsity: 0, error: 0 }, ...curve]
    .map((point) => `${x(point.sparsity).toFixed(1)},${y(point.error).toFixed(1)}`)
    .join(' ');
  return html`<figure class="curve">
    <svg
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${what} over sparsity: ${formatFigure(here)} at ${formatPercent(sparsity)}, ${formatFigure(most)} at ${formatPercent(
      curve.at(-1)!.sparsity,
    )}"
  >
    <line class="axis" x1=${x(0)} y1=${y(0)} x2=${x(1)} y2=${y(0)} />
    <line class="axis" x1=${x(0)} y1=${y(0)} x2=${x(0)} y2=${y(most)} />
    ${[0, 0.5, 1].map((share) => svg`<text x=${x(share)} y=${height - 5} text-anchor=${share === 1 ? 'end' : 'middle'}>${100 * share} %</text>`)}
    <text x=${margin.left - 5} y=${y(most) + 8} text-anchor="end">${formatFigure(most)}</text>
    <text x=${margin.left - 5} y=${y(0)} text-anchor="end">0</text>
    <polyline points=${points} />
    <line class="drop" x1=${x(sparsity)} y1=${y(0)} x2=${x(sparsity)} y2=${y(here)} />
    <circle cx=${x(sparsity)} cy=${y(here)} r="4" />
  </svg>
    <figcaption class="muted">${what} over sparsity</figcaption>
  </figure>`;
}
