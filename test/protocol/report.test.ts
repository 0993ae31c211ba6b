import { describe, expect, it } from 'vitest';
import { parseReport, type Report } from '../../src/protocol/report.ts';
import { fedReport, madeReport } from '../support/reports.ts';

const fromDisk = (report: unknown) => parseReport(JSON.parse(JSON.stringify(report)));

describe('a report from disk', () => {
  it('is what was written, with what was measured, controlled and predicted and without', () => {
    for (const report of [madeReport(), fedReport()]) expect(fromDisk(report)).toEqual({ report });
  });

  it('opens where it was written before there were controls', () => {
    const { recipe, ...rest } = madeReport({}, 'model: ./tiny\nsparsity: 0.5\nevaluate: { text: ./a.txt }\n');
    const { control: _control, ...evaluate } = recipe.evaluate!;
    const opened = fromDisk({ ...rest, recipe: { ...recipe, evaluate } }) as { readonly report: Report };
    expect(opened.report.recipe.evaluate).toEqual({ ...evaluate, control: false });
  });

  it.each([
    ['prediction.kl.interval', { prediction: { ...fedReport().prediction, kl: { value: 1, interval: [1] } } }],
    ['control.perplexity', { control: { zeros: 3, perplexity: null } }],
    ['measure.gives', { measure: { ...fedReport().measure, gives: 'anything' } }],
  ])('says that %s cannot be', (place, changes) => {
    expect(fromDisk({ ...fedReport(), ...changes })).toMatchObject({ problem: expect.stringContaining(place) });
  });
});
