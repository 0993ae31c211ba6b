import { describe, expect, it } from 'vitest';
import { domainOf, isMeasureName, type Measure, measures, measuresOf } from '../../../webview/report/measures.ts';
import { fedReport, matrixReport } from '../../support/reports.ts';

describe('a measure', () => {
  it('of gain is the share of the mask-only error that is gone', () => {
    expect(measures.gain.value(matrixReport({ relativeError: 0.01, maskOnlyError: 0.04 }))).toBeCloseTo(75, 9);
    expect(measures.gain.value(matrixReport({ relativeError: 0.05, maskOnlyError: 0.04 }))).toBeCloseTo(-25, 9);
    expect(measures.gain.value(matrixReport({ relativeError: 0, maskOnlyError: 0 }))).toBeNull();
  });

  it('is written short enough for a cell', () => {
    const { relativeError: error, zeros, sparsity, damping } = measures;
    expect([0, 0.0123, 0.00005, 1.5].map(error.short)).toEqual(['0', '.012', '5e-5', '1.5']);
    expect([0, 999, 1200, 165_888, 442_368_000, 2e9].map(zeros.short)).toEqual(['0', '999', '1.2K', '166K', '442M', '2.0B']);
    expect([sparsity.short(57.884), damping.short(0.01)]).toEqual(['57.9', '.010']);
    for (const measure of Object.values<Measure>(measures))
      for (const value of [0, 0.5, 0.000123]) expect(measure.short(value).length, measure.title).toBeLessThanOrEqual(6);
  });

  it('has a domain from the least to the greatest value that is known', () => {
    expect(domainOf(measures.sparsity, [30, null, 60])).toEqual([30, 60]);
    expect(domainOf(measures.sparsity, [null])).toEqual([0, 1]);
  });

  it('of powers has a domain above 0', () => {
    expect(domainOf(measures.relativeError, [0, 0.01, Number.NaN, 0.1])).toEqual([0.01, 0.1]);
    expect(domainOf(measures.relativeError, [0])[0]).toBeGreaterThan(0);
  });

  it('of ranks gives the first the colour of the greatest', () => {
    expect(domainOf(measures.rank, [3, 1, null, 7])).toEqual([7, 1]);
  });

  it('is there where a run need not have it only if any matrix has it', () => {
    expect(measuresOf([matrixReport()])).not.toContain('rank');
    expect(measuresOf([matrixReport(), ...fedReport().matrices])).toEqual(Object.keys(measures));
  });

  it('is known by its name alone', () => {
    expect(Object.keys(measures).every(isMeasureName)).toBe(true);
    expect([undefined, 'toString', 3].some(isMeasureName)).toBe(false);
  });
});
