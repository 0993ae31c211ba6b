/** The plots: error by depth and error against sparsity. Lines differ by dash and points by shape, not by colour alone. */

import { css, html, svg, type TemplateResult } from 'lit';
import type { MatrixReport } from '../../src/protocol/report.ts';
import { formatFigure, formatPercent } from '../kit/format.ts';
import { makeGrid, meanOf } from './grid.ts';
import { linearScale, logScale, type Scale } from './scale.ts';

const size = { width: 560, height: 260, left: 66, right: 12, top: 10, bottom: 34 } as const;
const dashes = ['none', '6 3', '2 3', '9 3 2 3', '12 4', '4 2 1 2'];
const nColours = 7;

/** One line a kind, through the mean relative error of each block. */
export function depthPlot(matrices: readonly MatrixReport[]): TemplateResult {
  const { rows, cols, cells } = makeGrid(matrices);
  const errors = cells.map((members) => meanOf(members.map(({ relativeError }) => relativeError)));
  const y = logScale(errors.filter((error) => error !== null));
  const blocks = rows.map(Number);
  const x = linearScale(blocks, Math.min(10, Math.max(1, blocks.length - 1)));
  const lines = cols.map((kind, col) => ({
    kind,
    points: rows
      .map((_, row) => [blocks[row], errors[row * cols.length + col]] as const)
      .filter(([, error]) => error !== null && error > 0),
  }));
  return figure({
    title: 'Error by depth',
    alternative: `Relative error by block, one line for each kind. ${lines.map(({ kind, points }) => sayLine(kind, points)).join(' ')}`,
    plot: svg`${axes({ x, y, xLabel: 'block', yLabel: 'relative error', xText: String, yText: powerText })}
      ${lines.map(({ points }, i) => {
        const path = points.map(([block, error], p) => `${p === 0 ? 'M' : 'L'}${across(x, block)} ${up(y, error!)}`).join('');
        return svg`<path class=${colour(i)} d=${path} stroke-dasharray=${dash(i)} />
          ${points.length === 1 ? svg`<path class="${colour(i)} dot" d=${`${path}h0`} />` : ''}`;
      })}`,
    legend: cols,
  });
}

/** One point a matrix; where all have one sparsity there is nothing to plot, and a sentence says so. */
export function scatterPlot(matrices: readonly MatrixReport[]): TemplateResult {
  const shares = matrices.map(({ sparsity }) => sparsity);
  const [low, high] = shares.reduce(([least, most], share) => [Math.min(least, share), Math.max(most, share)], [1, 0]);
  if (high - low < 0.0005)
    return html`<figure>
      <h3>Error against sparsity</h3>
      <p class="muted">${matrices.length === 0 ? 'There is no matrix.' : `All matrices have a sparsity of ${formatPercent(low)}, so there is nothing to plot.`}</p>
    </figure>`;
  const x = linearScale(shares.map((share) => 100 * share));
  const y = logScale(matrices.map(({ relativeError }) => relativeError));
  const kinds = [...new Set(matrices.map(({ kind }) => kind))];
  return figure({
    title: 'Error against sparsity',
    alternative: `Relative error against sparsity, one point for each of ${matrices.length} matrices, between ${formatPercent(low)} and ${formatPercent(high)}.`,
    plot: svg`${axes({ x, y, xLabel: 'sparsity, %', yLabel: 'relative error', xText: String, yText: powerText })}
      ${kinds.map((kind, i) => {
        const points = matrices.filter((matrix) => matrix.kind === kind && matrix.relativeError > 0);
        const path = points.map((matrix) => mark(i, across(x, 100 * matrix.sparsity), up(y, matrix.relativeError))).join('');
        return svg`<path class="${colour(i)} point" d=${path} />`;
      })}`,
    legend: kinds,
    points: true,
  });
}

interface Figure {
  readonly title: string;
  readonly alternative: string;
  readonly plot: TemplateResult;
  readonly legend: readonly string[];
  readonly points?: boolean;
}

function figure({ title, alternative, plot, legend, points = false }: Figure): TemplateResult {
  return html`<figure>
    <h3>${title}</h3>
    <svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label=${alternative}>${plot}</svg>
    <figcaption>
      <ul class="legend">
        ${legend.map(
          (kind, i) => html`<li>
            <svg viewBox="0 0 28 12" aria-hidden="true">
              ${
                points
                  ? svg`<path class="${colour(i)} point" d=${mark(i, 14, 6)} />`
                  : svg`<path class=${colour(i)} d="M0 6H28" stroke-dasharray=${dash(i)} />`
              }
            </svg>
            ${kind}
          </li>`,
        )}
      </ul>
    </figcaption>
  </figure>`;
}

interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
}

function axes({ x, y, xLabel, yLabel, xText, yText }: Axes): TemplateResult {
  const [left, right, bottom] = [size.left, size.width - size.right, size.height - size.bottom];
  return svg`${y.ticks.map(
    (tick) => svg`<line class="grid" x1=${left} x2=${right} y1=${up(y, tick)} y2=${up(y, tick)} />
      <text class="end" x=${left - 6} y=${up(y, tick) + 4}>${yText(tick)}</text>`,
  )}
    ${x.ticks.map((tick) => svg`<text class="middle" x=${across(x, tick)} y=${bottom + 15}>${xText(tick)}</text>`)}
    <line class="axis" x1=${left} x2=${right} y1=${bottom} y2=${bottom} />
    <text class="middle" x=${(left + right) / 2} y=${bottom + 30}>${xLabel}</text>
    <text class="middle" transform="rotate(-90)" x=${-(size.top + bottom) / 2} y="12">${yLabel}</text>`;
}

function across(x: Scale, value: number): number {
  return round(size.left + x.place(value) * (size.width - size.left - size.right));
}

function up(y: Scale, value: number): number {
  return round(size.top + (1 - y.place(value)) * (size.height - size.top - size.bottom));
}

function round(place: number): number {
  return Math.round(10 * place) / 10;
}

function colour(i: number): string {
  return `c${i % nColours}`;
}

/** Another dash where the colours begin again, and between neighbours. */
function dash(i: number): string {
  return dashes[(i + Math.floor(i / nColours)) % dashes.length];
}

/** The outline of a point: square, diamond, triangle, cross, upright cross, triangle upside down. */
function mark(i: number, x: number, y: number): string {
  const shapes = ['m-3-3h6v6h-6z', 'm0-4l4 4l-4 4l-4-4z', 'm0-4l4 7h-8z', 'm-3-3l6 6m0-6l-6 6', 'm0-4v8m-4-4h8', 'm0 4l4-7h-8z'];
  return `M${x} ${y}${shapes[(i + Math.floor(i / nColours)) % shapes.length]}`;
}

function powerText(value: number): string {
  return value >= 0.001 && value < 1000 ? String(value) : value.toExponential(0);
}

function sayLine(kind: string, points: readonly (readonly [number, number | null])[]): string {
  const errors = points.map(([, error]) => error!);
  if (errors.length === 0) return `${kind}: none.`;
  const worst = points[errors.indexOf(errors.reduce((most, error) => Math.max(most, error)))];
  return `${kind}: from ${formatFigure(errors[0])} to ${formatFigure(errors.at(-1)!)}, most in block ${worst[0]} with ${formatFigure(worst[1]!)}.`;
}

export const plotStyles = css`
  .plots {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr));
    gap: 16px 24px;
  }
  figure {
    margin: 0;
    min-width: 0;
  }
  figure > svg {
    display: block;
    width: 100%;
    max-width: 640px;
    margin-top: 6px;
    overflow: visible;
  }
  figure text {
    fill: var(--vscode-descriptionForeground);
    font-size: 11px;
    font-variant-numeric: tabular-nums;
  }
  .middle {
    text-anchor: middle;
  }
  .end {
    text-anchor: end;
  }
  .grid,
  .axis {
    stroke: var(--vscode-charts-lines, var(--vscode-foreground));
    stroke-opacity: 0.25;
  }
  .axis {
    stroke-opacity: 0.6;
  }
  path {
    fill: none;
    stroke-width: 1.6;
    stroke-linejoin: round;
  }
  .dot {
    stroke-width: 6;
    stroke-linecap: round;
  }
  .c0 {
    stroke: var(--vscode-charts-blue);
  }
  .c1 {
    stroke: var(--vscode-charts-orange);
  }
  .c2 {
    stroke: var(--vscode-charts-green);
  }
  .c3 {
    stroke: var(--vscode-charts-purple);
  }
  .c4 {
    stroke: var(--vscode-charts-red);
  }
  .c5 {
    stroke: var(--vscode-charts-yellow);
  }
  .c6 {
    stroke: var(--vscode-charts-foreground, currentColor);
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    margin: 4px 0 0;
    padding: 0;
    list-style: none;
  }
  .legend li {
    display: flex;
    align-items: center;
    gap: 5px;
  }
  .legend svg {
    width: 28px;
    height: 12px;
  }
  @media (max-width: 480px) {
    figure text {
      font-size: 16px;
    }
    figure > svg path {
      stroke-width: 2.4;
    }
  }
`;
