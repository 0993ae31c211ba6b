import { expect, it } from 'vitest';
import { allocationTables } from '../../src/protocol/allocation.ts';
import { fedReport, madeReport, perplexityOf } from '../support/reports.ts';

it('a report has a table of its control and of its prediction, where it has such', () => {
  expect(allocationTables(madeReport())).toEqual([]);
  expect(allocationTables(fedReport()).map(({ title }) => title)).toEqual(['Uniform control', 'Prediction']);
  for (const { head, rows } of allocationTables(fedReport())) for (const row of rows) expect(row).toHaveLength(head.length);
});

it('a control that was measured on other windows is not paired', () => {
  const [control] = allocationTables({ ...fedReport(), control: { zeros: 1, perplexity: perplexityOf([3]) } });
  expect(control).not.toHaveProperty('conclusion');
});

it('a prediction says where it comes from, and what it lacks', () => {
  const { prediction } = fedReport();
  const tell = (changes: object) => allocationTables({ ...fedReport(), prediction: { ...prediction!, ...changes } })[1];
  expect(tell({ trials: 0 }).meaning).toContain('they are added up');
  expect(tell({ trials: 1 }).meaning).toContain('from 1 pruning of the whole');
  expect(tell({ perplexity: null }).rows[0]).toEqual(['result', '0.210', 'not predicted', 'none', '66.686']);
});
