import { describe, expect, it } from 'vitest';
import { readReportBytes, recipeNameOf, tooLarge } from '../../src/extension/report-file.ts';
import { madeReport, matrixReport } from '../support/reports.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a report’s file', () => {
  it('is a report where it is one', () => {
    expect(readReportBytes(bytes(JSON.stringify(madeReport())))).toEqual({ report: madeReport() });
  });

  it.each([
    ['{ "format": 1', /^The file is not JSON: /],
    ['', /^The file is not JSON: /],
    ['null', /not a report that this version reads/],
    [JSON.stringify({ ...madeReport(), format: 2 }), /At format: .*another version/],
    [JSON.stringify({ ...madeReport(), matrices: [{ name: 1 }] }), /At matrices\.0\./],
  ])('says what is wrong with %j', (text, problem) => {
    expect(readReportBytes(bytes(text))).toEqual({ problem: expect.stringMatching(problem) });
  });

  it('is refused where it is not UTF-8', () => {
    expect(readReportBytes(Uint8Array.of(0xff, 0xfe))).toEqual({ problem: expect.stringContaining('not JSON') });
  });

  it('is refused where its blocks and kinds would span a grid that no model has', () => {
    const matrices = Array.from({ length: 1100 }, (_, block) => matrixReport({ block, kind: `k${block}` }));
    expect(readReportBytes(bytes(JSON.stringify(madeReport({ matrices }))))).toEqual({
      problem: 'The report names 1100 blocks and 1100 kinds of linears, more than can be shown.',
    });
  });

  it('is refused by its size, which the sentence names', () => {
    expect(tooLarge(300 * 2 ** 20)).toEqual({ problem: 'The file has 300 MiB; a report of more than 256 MiB is not read.' });
  });
});

describe('the recipe beside a report', () => {
  const others = (...names: string[]) => recipeNameOf(madeReport({ output: { files: [], others: names } }));

  it('is the one that the report names', () => {
    expect(others('config.json', 'tiny-50.prune.yaml')).toBe('tiny-50.prune.yaml');
    expect(others('config.json')).toBeNull();
  });

  it('is never a path that leads elsewhere', () => {
    expect(others('../x.prune.yaml', '/etc/x.prune.yaml', 'a\\b.prune.yaml', 'c:x.prune.yaml')).toBeNull();
  });
});
