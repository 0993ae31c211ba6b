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
  /** Whether the least value has the colour that elsewhere the greatest has, as of ranks. */
  readonly turned?: boolean;
}

/** In the order a reader asks: the errors, the counts, what was unusual, then what the allocation went by and is set against. */
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
  sensitivity: {
    title: 'Sensitivity',
    meaning: 'What the allocator was fed: how much the matrix minds being pruned, in the unit of the measure.',
    unit: '',
    value: ({ sensitivity }) => sensitivity?.value ?? null,
    text: formatFigure,
    short: shortError,
    scale: 'log',
  },
  rank: {
    title: 'Rank',
    meaning: 'The place of its sensitivity among all matrices: 1 minds pruning most.',
    unit: '',
    value: ({ sensitivity }) => sensitivity?.rank ?? null,
    text: formatCount,
    short: shortCount,
    scale: 'linear',
    turned: true,
  },
  uniformError: {
    title: 'Error, uniform',
    meaning: 'The relative error that the matrix has in the uniform control.',
    unit: '',
    value: ({ control }) => control?.relativeError ?? null,
    text: formatFigure,
    short: shortError,
    scale: 'log',
  },
  uniformSparsity: {
    title: 'Sparsity, uniform',
    meaning: 'The share of zeros that the matrix has in the uniform control.',
    unit: '%',
    value: ({ control }) => (control ? 100 * control.sparsity : null),
    text: (value) => `${value.toFixed(2)} %`,
    short: (value) => value.toFixed(1),
    scale: 'linear',
  },
} satisfies Record<string, Measure>;

export type MeasureName = keyof typeof measures;

export function isMeasureName(name: unknown): name is MeasureName {
  return typeof name === 'string' && Object.hasOwn(measures, name);
}

/** Those of which any of the matrices has a figure, and those that every run has. */
export function measuresOf(matrices: readonly MatrixReport[]): MeasureName[] {
  const perRun: readonly MeasureName[] = ['sensitivity', 'rank', 'uniformError', 'uniformSparsity'];
  return (Object.keys(measures) as MeasureName[]).filter(
    (name) => !perRun.includes(name) || matrices.some((matrix) => measures[name].value(matrix) !== null),
  );
}

/** Both ends of a colour scale over some values, above 0 where the scale is of powers. */
export function domainOf({ scale, turned = false }: Measure, values: readonly (number | null)[]): [number, number] {
  const known = values.filter((value) => value !== null && Number.isFinite(value) && (scale === 'linear' || value > 0)) as number[];
  if (known.length === 0) return scale === 'log' ? [1e-3, 1] : [0, 1];
  const [low, high] = known.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  return turned ? [high, low] : [low, high];
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
