import { describe, expect, it } from 'vitest';
import { renderComparison } from '../../src/protocol/comparison-markdown.ts';
import { zerosAlone } from '../../src/protocol/report.ts';
import { renderReport } from '../../src/protocol/report-markdown.ts';
import { fedReport, madeReport, matrixReport } from '../support/reports.ts';

describe('a report as Markdown', () => {
  const lines = renderReport(madeReport({ notes: ['One note.'], resumed: 2 })).split('\n');

  it('begins with what was done, before and after', () => {
    expect(lines[0]).toBe('# Pruned `tiny` to 50.00 %');
    expect(lines).toContain('| perplexity | 54.598 | 66.686 |');
    expect(lines).toContain('| weights that are not zero | 100,000 | 75,424 |');
    expect(lines).toContain('Perplexity rises by 12.088 (+0.2000 ± 0.0577 nats per token, paired over 3 windows).');
    expect(lines).toContain(zerosAlone);
    expect(lines).toContain('- One note.');
    expect(lines).toContain('- resumed: 2 times');
  });

  it('sums up the kinds and folds the long table away', () => {
    expect(lines).toContain('| `o_proj` | 2 | 50.00 % | 0.00350 | 0.00700 | 0.00500 | 1 |');
    const start = lines.indexOf('<details>');
    const end = lines.indexOf('</details>');
    expect(lines.slice(start, start + 3)).toEqual(['<details>', '<summary>All 6 matrices</summary>', '']);
    expect(lines.slice(start, end).filter((line) => line.startsWith('| `model.'))).toHaveLength(6);
    expect(lines[end - 1]).toBe('');
  });

  it('has tables whose rows all have as many cells as their heads', () => {
    const tables = lines.join('\n').match(/(^\|.*\n)+/gm)!;
    expect(tables).toHaveLength(5);
    for (const table of tables)
      expect(
        new Set(
          table
            .trim()
            .split('\n')
            .map((line) => line.split(/(?<!\\)\|/).length),
        ).size,
      ).toBe(1);
  });

  it('says nothing of a perplexity that was not measured', () => {
    expect(renderReport(madeReport({ perplexity: null, evaluation: null }))).not.toMatch(/perplexity/i);
  });

  it('sets the uniform control and the prediction beside the result, where there are such', () => {
    const fed = renderReport(fedReport());
    expect(fed).toContain('| perplexity | 66.686 | 76.198 |');
    expect(fed).toContain('Result minus control: −0.1333 ± 0.0333 nats per token, paired over 3 windows.');
    expect(fed).toContain('| result | 0.210 | 66.100 | 64.250 to 68.500 | 66.686 |');
    expect(fed).toContain('| uniform control | 0.310 | 74.400 | none | 76.198 |');
    expect(fed).toContain('learned from 12 prunings of the whole');
    expect(fed).toContain('- measure: `Scan on text.txt: 4 windows of 64 tokens`, in nats a token');
    expect(fed).toContain('| sensitivity | standard error | rank | sparsity, uniform | error, uniform |');
    expect(fed).toContain('| 0.500 | 0.010 | 1 | 50.00 % | 0.0180 |');
    expect(lines.join('\n')).not.toMatch(/uniform control|predict|sensitivity/i);
  });

  it('lets no text of a file become markup', () => {
    const hostile = '</details><img src=x>`|` **bold** [a](b)\n# head';
    const report = madeReport({ notes: [hostile], matrices: [matrixReport({ name: hostile, setBy: hostile, kind: hostile })] });
    const text = renderReport({ ...report, source: { ...report.source, path: `/x/${hostile}` } });
    const outsideCode = text.replace(/(`+)[^`].*?[^`]\1(?!`)/g, '').replaceAll(/\\./g, '');
    expect(outsideCode).not.toMatch(/<img|\*\*|\]\(b/);
    expect(text.match(/^<\/details>$/gm)).toHaveLength(1);
    expect(text.match(/^# /gm)).toHaveLength(1);
  });
});

describe('a comparison as Markdown', () => {
  it('sets the figures side by side, with the largest difference first', () => {
    const first = madeReport({ matrices: [matrixReport({ block: 0 }), matrixReport({ block: 1 })] });
    const second = madeReport({
      matrices: [matrixReport({ block: 0, relativeError: 0.021 }), matrixReport({ block: 1, relativeError: 0.01 })],
    });
    const lines = renderComparison({ title: 'a', report: first }, { title: 'b', report: second }).split('\n');
    expect(lines[0]).toBe('# `a` and `b`');
    const rows = lines.filter((line) => line.startsWith('| `model.'));
    expect(rows).toEqual([
      '| `model.layers.1.q_proj.weight` | 0.0200 | 0.0100 | −0.0100 |',
      '| `model.layers.0.q_proj.weight` | 0.0200 | 0.0210 | +0.00100 |',
    ]);
    expect(lines).toContain('The recipes are the same.');
  });

  it('says why where there is nothing to compare', () => {
    const text = renderComparison({ title: 'a', report: madeReport() }, { title: 'b', report: madeReport({ matrices: [] }) });
    expect(text).toContain('cannot be compared matrix by matrix. The first report is of a model with 6 matrices');
  });
});
