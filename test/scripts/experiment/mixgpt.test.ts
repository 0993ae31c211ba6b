import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { missingCells, runMixgpt } from '../../../scripts/experiment/mixgpt.ts';
import { readOptions } from '../../../scripts/experiment/options.ts';
import { mixgptPage } from '../../../scripts/experiment/page.ts';
import { readResults, recordsIn } from '../../../scripts/experiment/records.ts';
import { writePage } from '../../../scripts/experiment/write-page.ts';
import { sample, temporaryFolder } from '../../support/runs.ts';

it('runs a slice of the grid on the sample checkpoint, goes on where it was stopped, and makes a page of it', async () => {
  const folder = temporaryFolder();
  const options = readOptions([
    ...['mixgpt', '--model', sample, '--calibrate', `${sample}/calibration.txt`, '--evaluate', `${sample}/evaluation.txt`],
    ...['--samples', '6', '--calibration-length', '64', '--windows', '8', '--length', '64', '--threads', '1', '--name', 'slice'],
    ...['--results', folder, '--cache', join(folder, 'cache'), '--only', '{uniform,prior}/obs/none/60/seed-0'],
  ]);
  const lines: string[] = [];
  const signal = new AbortController().signal;
  await runMixgpt({ ...options, minutes: 0 }, signal, (line) => lines.push(line));
  expect(lines.at(-1)).toBe('2 cells are left for another time.');
  await runMixgpt(options, signal, (line) => lines.push(line));
  const results = readResults(recordsIn(options.folder));
  expect([...results.cells.keys()]).toEqual(['uniform/obs/none/60/seed-0', 'prior/obs/none/60/seed-0']);
  const [uniform, prior] = results.cells.values();
  expect(uniform.zeros).toBe(Math.round(0.6 * results.setup!.prunable));
  expect(prior.zeros).toBe(uniform.zeros);
  expect(uniform.range).toEqual([0.6, 0.6]);
  expect(prior.range[0]).toBeLessThan(prior.range[1]);
  expect(uniform.perplexity).toBeGreaterThan(results.dense!.perplexity);
  expect(uniform.windowNll).toHaveLength(8);

  expect(missingCells(options, results.cells)).toEqual([]);
  const size = readFileSync(recordsIn(options.folder)).length;
  await runMixgpt(options, signal, (line) => lines.push(line));
  expect(readFileSync(recordsIn(options.folder)).length).toBe(size);
  expect(readdirSync(options.cache)).toEqual([]);

  writePage(options.folder, mixgptPage(results, 'slice'));
  const page = readFileSync(join(folder, 'slice.md'), 'utf8');
  expect(page).toContain(`| uniform | ${uniform.perplexity.toFixed(2)} |`);
  expect(page).toMatch(/\| prior \| [+−]\d+\.\d % ± \d+\.\d; [+−]\d\.\d{3} \|/);
  expect(existsSync(join(options.folder, 'gain.svg'))).toBe(true);
  await expect(runMixgpt({ ...options, windows: 4 }, signal, () => {})).rejects.toThrow('another setup');
});
