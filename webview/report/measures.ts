/** What the heat map, the plots and the table can say of a pruned matrix. */

import { formatCount } from '../../src/protocol/quantity.ts';
import type { MatrixReport } from '../../src/protocol/report.ts';
import { formatFigure } from '../kit/format.ts';

export interface Measure {
  readonly title: string;
  /** What the figure means, in a sentence. */
  readonly meaning: string;
  readonly unit: '' | '%';
  /** In the unit; `null` where the matrix has no such figure. */
  readonly value: (matrix: MatrixReport) => number | null;
  /** With the unit. */
  readonly text: (value: number) => string;
  /** Short enough for a cell of the heat map, without the unit. */
  readonly short: (value: number) => string;
  /** How the colours are spread: errors differ by powers of ten. */
  readonly scale: 'linear' | 'log';
}

/** In the order a reader asks: the errors, the counts, then what was unusual. */
export const measures = {
  relativeError: {
    title: 'Relative error',
    meaning: 'How much of what the linear gives on the calibration text is wrong after pruning: 0 nothing, 1 as much as there is.',
    unit: '',
    value: (matrix) => matrix.relativeError,
    text: formatFigure,
    short: shortError,
    scale: 'log',
  },
  maskOnlyError: {
    title: 'Mask-only error',
    meaning: 'The same error if the kept weights had been left as they were.',
    unit: '',
    value: (matrix) => matrix.maskOnlyError,
    text: formatFigure,
    short: shortError,
    scale: 'log',
  },
  gain: {
    title: 'Gain of the solver',
    meaning: 'The share of the mask-only error that the solver took away by changing the kept weights.',
    unit: '%',
    value: gainOf,
    text: (value) => `${value.toFixed(1)} %`,
    short: (value) => value.toFixed(0),
    scale: 'linear',
  },
  sparsity: {
    title: 'Sparsity',
    meaning: 'The share of zeros, counted in the written file.',
    unit: '%',
    value: (matrix) => 100 * matrix.sparsity,
    text: (value) => `${value.toFixed(2)} %`,
    short: (value) => value.toFixed(1),
    scale: 'linear',
  },
  zeros: {
    title: 'Zeros',
    meaning: 'The number of zeros, counted in the written file.',
    unit: '',
    value: (matrix) => matrix.zeros,
    text: formatCount,
    short: shortCount,
    scale: 'linear',
  },
  damping: {
    title: 'Damping',
    meaning: 'What was added to the diagonal of the Hessian, as a share of its mean. It is raised where the Hessian could not be factored.',
    unit: '',
    value: (matrix) => matrix.damping,
    text: formatFigure,
    short: shortError,
    scale: 'linear',
  },
  nudged: {
    title: 'Nudged',
    meaning: 'Kept weights that rounded to zero and were raised to the smallest number of their type.',
    unit: '',
    value: (matrix) => matrix.nudged,
    text: formatCount,
    short: shortCount,
    scale: 'linear',
  },
} satisfies Record<string, Measure>;

export type MeasureName = keyof typeof measures;

export function isMeasureName(name: unknown): name is MeasureName {
  return typeof name === 'string' && Object.hasOwn(measures, name);
}

/** Both ends of a colour scale over some values, the lower one above 0 where the scale is of powers. */
export function domainOf({ scale }: Measure, values: readonly (number | null)[]): [number, number] {
  const known = values.filter((value) => value !== null && Number.isFinite(value) && (scale === 'linear' || value > 0)) as number[];
  if (known.length === 0) return scale === 'log' ? [1e-3, 1] : [0, 1];
  return known.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** Percent of the mask-only error that is gone, below 0 where the solver made it worse; `null` where there was none. */
function gainOf({ relativeError, maskOnlyError }: MatrixReport): number | null {
  return maskOnlyError > 0 ? 100 * (1 - relativeError / maskOnlyError) : null;
}

function shortError(error: number): string {
  if (error === 0) return '0';
  return Math.abs(error) < 0.001 ? error.toExponential(0) : error.toPrecision(2).replace(/^(-?)0\./, '$1.');
}

function shortCount(count: number): string {
  const [divisor, suffix] = count >= 1e9 ? [1e9, 'B'] : count >= 1e6 ? [1e6, 'M'] : count >= 1e3 ? [1e3, 'K'] : [1, ''];
  const value = count / divisor;
  return `${divisor === 1 || value >= 99.5 ? value.toFixed(0) : value.toPrecision(2)}${suffix}`;
}
