/** The columns of the tables: of one report's matrices, and of two reports' side by side. */

import { type Comparison, formatSigned } from '../../src/protocol/comparison.ts';
import { formatShare } from '../../src/protocol/quantity.ts';
import type { MatrixReport, Report } from '../../src/protocol/report.ts';
import { formatFigure } from '../kit/format.ts';
import { isMeasureName, type MeasureName, measures, measuresOf } from './measures.ts';
import type { Column } from './table-model.ts';

interface Placed {
  readonly name: string;
  readonly block: number;
  readonly kind: string;
}

const place: readonly Column<Placed>[] = [
  { key: 'name', title: 'Matrix', value: ({ name }) => name, text: ({ name }) => name },
  { key: 'block', title: 'Block', value: ({ block }) => block, text: ({ block }) => String(block) },
  { key: 'kind', title: 'Kind', value: ({ kind }) => kind, text: ({ kind }) => kind },
];

/** With columns for what a run need not have only where any of the matrices has it. */
export function columnsOf(matrices: readonly MatrixReport[]): readonly Column<MatrixReport>[] {
  const shown: readonly string[] = measuresOf(matrices);
  return matrixColumns.filter(({ key }) => !isMeasureName(key) || shown.includes(key));
}

const matrixColumns: readonly Column<MatrixReport>[] = [
  ...place,
  measured('relativeError'),
  measured('maskOnlyError'),
  measured('gain'),
  measured('sparsity'),
  measured('zeros'),
  measured('sensitivity'),
  measured('rank'),
  measured('uniformSparsity'),
  measured('uniformError'),
  {
    key: 'shape',
    title: 'Shape',
    meaning: 'Outputs × inputs.',
    value: ({ shape }) => shape[0] * shape[1],
    text: ({ shape }) => shape.join(' × '),
  },
  { key: 'dtype', title: 'Type', value: ({ dtype }) => dtype, text: ({ dtype }) => dtype },
  measured('damping'),
  measured('nudged'),
  { key: 'setBy', title: 'Set by', meaning: 'What gave the matrix its sparsity.', value: ({ setBy }) => setBy, text: ({ setBy }) => setBy },
];

function measured(key: MeasureName): Column<MatrixReport> {
  const { title, meaning, value, text } = measures[key];
  return {
    key,
    title,
    meaning,
    value,
    text: (matrix) => {
      const figure = value(matrix);
      return figure === null ? '–' : text(figure);
    },
  };
}

/** One matrix in two reports; the first figure of a pair is the first report's. */
export interface ComparedMatrix extends Placed {
  readonly sparsity: readonly [number | null, number | null];
  readonly error: readonly [number | null, number | null];
  /** The second error less the first; `null` where one is missing. */
  readonly delta: number | null;
  /** The second error over the first. */
  readonly ratio: number | null;
}

export function comparedMatrices(comparison: Comparison, { matrices }: Report): ComparedMatrix[] {
  const places = new Map(matrices.map((matrix) => [matrix.name, matrix]));
  return comparison.matrices.map(({ name, sparsity, relativeError: error }) => {
    const { block, kind } = places.get(name)!;
    const [first, second] = error;
    const isPair = first !== null && second !== null;
    return {
      ...{ name, block, kind, sparsity, error },
      delta: isPair ? second - first : null,
      ratio: isPair && first > 0 ? second / first : null,
    };
  });
}

export const comparedColumns: readonly Column<ComparedMatrix>[] = [
  ...place,
  pair('sparsity', 0, 'Sparsity, first', formatShare),
  pair('sparsity', 1, 'second', formatShare),
  pair('error', 0, 'Error, first', formatFigure),
  pair('error', 1, 'second', formatFigure),
  {
    key: 'delta',
    title: 'Difference',
    meaning: 'The second error less the first, ordered by its size.',
    value: ({ delta }) => (delta === null ? null : Math.abs(delta)),
    text: ({ delta }) => (delta === null ? '–' : `${formatSigned(delta, formatFigure)}${wordOf(trendOf(delta))}`),
    trend: ({ delta }) => trendOf(delta ?? 0),
  },
  {
    key: 'ratio',
    title: 'Ratio',
    meaning: 'The second error over the first; below 1 is better.',
    value: ({ ratio }) => ratio,
    text: ({ ratio }) => (ratio === null ? '–' : `× ${ratio.toFixed(3)}`),
  },
];

function pair(what: 'sparsity' | 'error', side: 0 | 1, title: string, format: (value: number) => string): Column<ComparedMatrix> {
  const value = (row: ComparedMatrix) => row[what][side];
  return {
    key: `${what}${side}`,
    title,
    value,
    text: (row) => {
      const figure = value(row);
      return figure === null ? '–' : format(figure);
    },
  };
}

function trendOf(delta: number): 'better' | 'worse' | 'same' {
  return delta < 0 ? 'better' : delta > 0 ? 'worse' : 'same';
}

function wordOf(trend: 'better' | 'worse' | 'same'): string {
  return trend === 'same' ? '' : ` ${trend}`;
}
