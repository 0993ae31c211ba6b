import { describe, expect, it } from 'vitest';
import { compareReports } from '../../../src/protocol/comparison.ts';
import { columnsOf, comparedColumns, comparedMatrices } from '../../../webview/report/columns.ts';
import { sortRows } from '../../../webview/report/table-model.ts';
import { fedReport, madeReport, matrixReport } from '../../support/reports.ts';

describe('the columns of a report', () => {
  it('have a text for every matrix, a dash where there is no figure', () => {
    const texts = columnsOf([matrixReport()]).map(({ key, text }) => [key, text(matrixReport({ relativeError: 0, maskOnlyError: 0 }))]);
    expect(Object.fromEntries(texts)).toMatchObject({
      name: 'model.layers.0.q_proj.weight',
      gain: '–',
      sparsity: '50.00 %',
      shape: '64 × 128',
      setBy: 'uniform',
    });
  });

  it('have keys of their own', () => {
    expect(new Set(columnsOf([matrixReport()]).map(({ key }) => key)).size).toBe(columnsOf([matrixReport()]).length);
    expect(new Set(comparedColumns.map(({ key }) => key)).size).toBe(comparedColumns.length);
  });
});

describe('the columns of what a run need not have', () => {
  const titles = (matrices: Parameters<typeof columnsOf>[0]) => columnsOf(matrices).map(({ title }) => title);

  it('are there where any matrix has it, with a dash for those that have not', () => {
    const besides = ['Sensitivity', 'Rank', 'Sparsity, uniform', 'Error, uniform'];
    expect(titles([matrixReport()])).not.toEqual(expect.arrayContaining(['Rank']));
    expect(titles([matrixReport(), ...fedReport().matrices])).toEqual(expect.arrayContaining(besides));
    const rank = columnsOf(fedReport().matrices).find(({ key }) => key === 'rank')!;
    expect([rank.text(fedReport().matrices[1]), rank.text(matrixReport())]).toEqual(['2', '–']);
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
