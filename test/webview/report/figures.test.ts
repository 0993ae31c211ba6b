import { describe, expect, it } from 'vitest';
import { baseName, formatSeconds, peakBytes, totalBytes, totalSeconds } from '../../../webview/report/figures.ts';
import { provenanceText } from '../../../webview/report/provenance.ts';
import { madeReport } from '../../support/reports.ts';

describe('figures', () => {
  it('write times that were measured', () => {
    expect([0.01, 0.05, 9.44, 59.94, 59.96, 119.7, 3600, 7500].map(formatSeconds)).toEqual([
      'under 0.1 s',
      '0.1 s',
      '9.4 s',
      '59.9 s',
      '1 min 0 s',
      '2 min 0 s',
      '1 h 0 min',
      '2 h 5 min',
    ]);
  });

  it('sum up steps and files', () => {
    const report = madeReport();
    expect([totalSeconds(report), peakBytes(report), totalBytes(report.source.files)]).toEqual([4, 2 ** 29, 2 ** 21]);
  });

  it('take the last part of a path of either kind', () => {
    expect(['/a/b/', 'C:\\x\\tiny', 'plain', '/'].map(baseName)).toEqual(['b', 'tiny', 'plain', '/']);
  });
});

describe('the provenance as text', () => {
  it('holds every hash, and how often the run was resumed', () => {
    const lines = provenanceText(madeReport({ resumed: 1 })).split('\n');
    expect(lines).toContain(`Source model.safetensors, SHA-256: ${'a'.repeat(64)}`);
    expect(lines).toContain(`Output model.safetensors, SHA-256: ${'b'.repeat(64)}`);
    expect(lines).toContain('Calibration flow: block-sequential, seed 3');
    expect(lines).toContain('Resumed: once');
    expect(lines).toContain(`Key: ${'c'.repeat(64)}`);
  });
});
