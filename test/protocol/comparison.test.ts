import { describe, expect, it } from 'vitest';
import {
  compareReports,
  formatSigned,
  pairedSentence,
  pairNll,
  provenanceDifferences,
  recipeDifferences,
  whyIncomparable,
} from '../../src/protocol/comparison.ts';
import { madeReport, matrixReport, matrixReports, perplexityOf } from '../support/reports.ts';

describe('the paired difference', () => {
  it('is the mean over windows with its standard error', () => {
    const paired = pairNll(perplexityOf([1, 2, 3]), perplexityOf([1.1, 2.3, 3.2]))!;
    expect(paired.mean).toBeCloseTo(0.2, 12);
    expect(paired.standardError).toBeCloseTo(0.1 / Math.sqrt(3), 12);
  });

  it('is none without windows, or with not as many on both sides', () => {
    expect(pairNll(perplexityOf([]), perplexityOf([]))).toBeNull();
    expect(pairNll(perplexityOf([1]), perplexityOf([1, 2]))).toBeNull();
  });

  it('is none between reports that were evaluated on other tokens', () => {
    const report = madeReport();
    expect(compareReports(report, report).pairedNll).toEqual({ mean: 0, standardError: 0 });
    const other = madeReport({ evaluation: { ...report.evaluation!, sha256: 'f'.repeat(64) } });
    expect(compareReports(report, other).pairedNll).toBeNull();
    expect(compareReports(report, madeReport({ perplexity: null, evaluation: null }))).toMatchObject({
      pairedNll: null,
      perplexity: [expect.any(Number), null],
    });
  });

  it('is said with its sign and the number of windows', () => {
    expect(pairedSentence({ mean: -0.5, standardError: 0.01 }, 1)).toBe('−0.5000 ± 0.0100 nats per token, paired over 1 window');
    expect([1.5, -1.5, 0].map((value) => formatSigned(value, String))).toEqual(['+1.5', '−1.5', '±0']);
  });
});

describe('matrices', () => {
  it('are set side by side by name, with null where one report has none', () => {
    const first = madeReport({ matrices: [matrixReport({ block: 0 }), matrixReport({ block: 1, relativeError: 0.1 })] });
    const second = madeReport({ matrices: [matrixReport({ block: 1, relativeError: 0.2 }), matrixReport({ block: 2 })] });
    expect(compareReports(first, second).matrices.map(({ relativeError }) => relativeError)).toEqual([
      [0.02, null],
      [0.1, 0.2],
      [null, 0.02],
    ]);
  });

  it('can be compared where names and shapes agree, in any order', () => {
    expect(whyIncomparable(madeReport(), madeReport({ matrices: matrixReports(2).toReversed() }))).toBeNull();
  });

  it('cannot be compared where the models differ in shape, which a sentence says', () => {
    const first = madeReport({ matrices: [matrixReport()] });
    expect(whyIncomparable(first, madeReport())).toBe('The first report is of a model with 1 matrix, the second of one with 6 matrices.');
    expect(whyIncomparable(first, madeReport({ matrices: [matrixReport({ block: 7 })] }))).toContain(
      'has no matrix model.layers.0.q_proj.weight',
    );
    expect(whyIncomparable(first, madeReport({ matrices: [matrixReport({ shape: [64, 64] })] }))).toBe(
      'model.layers.0.q_proj.weight is 64 × 128 in the first report and 64 × 64 in the second.',
    );
  });
});

describe('differences', () => {
  it('of recipes are named key by key, as a recipe writes them', () => {
    const first = madeReport({}, 'model: ./tiny\nsparsity: 0.5\nallocate: { fixed: { "*.q_proj": 0.3 }}\n');
    const second = madeReport({}, 'model: ./tiny\nsparsity: 0.6\nsolve: { damping: 0.02 }\n');
    expect(recipeDifferences(first, second)).toEqual([
      { key: 'sparsity', values: ['0.5', '0.6'] },
      { key: 'allocate.fixed["*.q_proj"]', values: ['0.3', null] },
      { key: 'solve.damping', values: ['0.01', '0.02'] },
    ]);
    expect(recipeDifferences(first, first)).toEqual([]);
  });

  it('of provenance count an absent evaluation as absent, and leave out what belongs to the result', () => {
    const first = madeReport();
    const second = madeReport({ evaluation: null, key: 'f'.repeat(64), environment: { ...first.environment, threads: 1 } });
    const keys = provenanceDifferences(first, second).map(({ key, values }) => [key, values[1]]);
    expect(keys).toEqual([
      ...['description', 'windows', 'length', 'sha256', 'protocol'].map((key) => [`evaluation.${key}`, null]),
      ['environment.threads', '1'],
    ]);
  });
});
