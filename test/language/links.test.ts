import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/language/analysis.ts';
import { documentLinks } from '../../src/language/links.ts';
import { makeStudy } from '../../src/language/study.ts';
import { createWorld } from '../../src/language/world.ts';
import { sample, temporaryFolder } from '../support/runs.ts';

describe('documentLinks', () => {
  it('lead from the paths that are there to their files, without the quotes', async () => {
    const folder = temporaryFolder();
    cpSync(sample, join(folder, 'model'), { recursive: true });
    writeFileSync(join(folder, 'a #.txt'), 'a');
    const analysis = analyse('model: ./model # c\nsparsity: 0.5\ncalibrate: { text: ["a #.txt", b.txt] }\nsave: { to: ./out }');
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'out', 'secateur-report.json'), '{}');
    const facts = await createWorld().factsOf(analysis, folder, null);
    expect(documentLinks(makeStudy(analysis, facts), folder)).toEqual([
      {
        range: { start: { line: 0, character: 7 }, end: { line: 0, character: 14 } },
        target: pathToFileURL(join(folder, 'model', 'config.json')).href,
      },
      {
        range: { start: { line: 2, character: 21 }, end: { line: 2, character: 28 } },
        target: pathToFileURL(join(folder, 'a #.txt')).href,
      },
      {
        range: { start: { line: 3, character: 12 }, end: { line: 3, character: 17 } },
        target: pathToFileURL(join(folder, 'out', 'secateur-report.json')).href,
      },
    ]);
  });
});
