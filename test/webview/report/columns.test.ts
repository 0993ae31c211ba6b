import { describe, expect, it } from 'vitest';
import { compareReports } from '../../../src/protocol/comparison.ts';
import { comparedColumns, comparedMatrices, matrixColumns } from '../../../webview/report/columns.ts';
import { sortRows } from '../../../webview/report/table-model.ts';
import { madeReport, matrixReport } from '../../support/reports.ts';

describe('the columns of a report', () => {
  it('have a text for every matrix, a dash where there is no figure', () => {
    const texts = matrixColumns.map(({ key, text }) => [key, text(matrixReport({ relativeError: 0, maskOnlyError: 0 }))]);
    expect(Object.fromEntries(texts)).toMatchObject({
      name: 'model.layers.0.q_proj.weight',
      gain: '–',
      sparsity: '50.00 %',
      shape: '64 × 128',
      setBy: 'uniform',
    });
  });

  it('have keys of their own', () => {
    expect(new Set(matrixColumns.map(({ key }) => key)).size).toBe(matrixColumns.length);
    expect(new Set(comparedColumns.map(({ key }) => key)).size).toBe(comparedColumns.length);
  });
});

describe('the columns of a comparison', () => {
  const first = madeReport({ matrices: [matrixReport({ block: 0 }), matrixReport({ block: 1 }), matrixReport({ block: 2 })] });
  const errors = [0.03, 0.005, 0.02];
  const second = madeReport({ matrices: errors.map((relativeError, block) => matrixReport({ block, relativeError })) });
  const rows = comparedMatrices(compareReports(first, second), first);
  const column = (key: string) => comparedColumns.find((candidate) => candidate.key === key)!;

  it('say the difference with its sign and a word, and the ratio', () => {
    expect(rows.map(column('delta').text)).toEqual(['+0.01 worse', '−0.015 better', '±0']);
    expect(rows.map((row) => column('delta').trend!(row))).toEqual(['worse', 'better', 'same']);
    expect(rows.map(column('ratio').text)).toEqual(['× 1.500', '× 0.250', '× 1.000']);
  });

  it('order by the size of the difference, not by its sign', () => {
    expect(sortRows(rows, comparedColumns, { key: 'delta', direction: 'descending' }).map(({ block }) => block)).toEqual([1, 0, 2]);
  });
});
