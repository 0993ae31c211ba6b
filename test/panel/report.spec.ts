/** The report panel in a browser: what it shows, what the keyboard does, and that it is in order in every theme. */

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import type { FromReport, ReportState, ToReport } from '../../src/protocol/panel.ts';
import type { Report } from '../../src/protocol/report.ts';
import { fedReport, madeReport, matrixReport, matrixReports } from '../support/reports.ts';
import { openPanel, send } from './fixtures/panel-page.ts';
import { type ThemeName, themes } from './fixtures/themes.ts';

async function open(page: Page, message: ToReport, options: { theme?: ThemeName; kept?: object } = {}) {
  const posted: FromReport[] = [];
  const complaints = await openPanel(page, { name: 'report', ...options, heard: (posting) => posted.push(posting as FromReport) });
  await expect.poll(() => posted).toEqual([{ type: 'ready' }]);
  await send(page, message);
  await page.locator('h1').waitFor();
  return { posted, complaints };
}

function shown(report: Report, changes: Partial<ReportState> = {}): ToReport {
  return { type: 'state', state: { title: 'models/tiny-50', report, other: null, hasRecipe: true, ...changes } };
}

const second = madeReport(
  { matrices: matrixReports(2).map((matrix) => ({ ...matrix, relativeError: matrix.relativeError * (matrix.block === 0 ? 0.5 : 2) })) },
  'model: ./tiny\nsparsity: 0.5\nsolve: { method: mask }\n',
);

const views: Readonly<Record<string, ToReport>> = {
  report: shown(madeReport({ notes: ['A note.'], matrices: matrixReports(8) })),
  'report with a control': shown(fedReport(8)),
  comparison: shown(madeReport(), { other: { title: 'models/tiny-mask', report: second } }),
  'refused comparison': shown(madeReport(), { other: { title: 'models/other', report: madeReport({ matrices: matrixReports(3) }) } }),
  'bad file': { type: 'bad', title: 'models/broken', message: 'The file is not JSON.' },
};

for (const theme of Object.keys(themes) as ThemeName[])
  for (const [name, message] of Object.entries(views))
    test(`a ${name} in ${theme} has no fault that axe finds, and its policy blocks nothing`, async ({ page }) => {
      const { complaints } = await open(page, message, { theme });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 160))])).toEqual([]);
      expect(complaints).toEqual([]);
    });

for (const [name, message] of Object.entries(views))
  test(`a ${name} fits a panel of 400 pixels, and one at twice the size`, async ({ page }) => {
    await page.setViewportSize({ width: 400, height: 700 });
    await open(page, message);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.evaluate(() => document.documentElement.style.setProperty('--vscode-font-size', '26px'));
    await expect.poll(overflow).toBeLessThanOrEqual(0);
  });

test('the control and the prediction stand beside the result, and the map can show what the allocation went by', async ({ page }) => {
  await open(page, views['report with a control']);
  const section = (title: string) => page.locator('section', { has: page.locator('h2', { hasText: title }) });
  await expect(section('Uniform control')).toContainText('Result minus control: −0.1333 ± 0.0333 nats per token');
  const cells = section('Prediction').locator('tbody tr').first().locator('td');
  await expect(cells).toHaveText(['0.210', '66.100', '64.250 to 68.500', '66.686']);
  await page.locator('secateur-report-map select').selectOption('rank');
  await expect(page.locator('secateur-report-map')).toContainText('1 minds pruning most');
});

test('what was chosen in another report is not shown in one that does not have it', async ({ page }) => {
  await open(page, views.report, { kept: { measure: 'rank' } });
  await expect(page.locator('secateur-report-map select')).toHaveValue('relativeError');
});

test('the tiles say both sides and how sure the difference is', async ({ page }) => {
  await open(page, views.report);
  const tile = page.locator('.tile', { hasText: 'Perplexity' });
  await expect(tile).toContainText(/before 54\.598.*after 66\.686/);
  await expect(tile).toContainText('+0.2000 ± 0.0577 nats per token, paired over 3 windows');
  await expect(page.locator('.note')).toContainText('Zeros alone make a dense file neither smaller nor faster');
});

test('a heading sorts by its column, with the keyboard too, and is said to', async ({ page }) => {
  await open(page, views.report);
  const heading = page.getByRole('columnheader', { name: 'Relative error' });
  await expect(heading).toHaveAttribute('aria-sort', 'none');
  await heading.getByRole('button').focus();
  await page.keyboard.press('Enter');
  await expect(heading).toHaveAttribute('aria-sort', 'descending');
  const firstRow = page.locator('tbody tr.row').first();
  await expect(firstRow).toContainText('model.layers.7.down_proj.weight');
  await page.keyboard.press('Space');
  await expect(heading).toHaveAttribute('aria-sort', 'ascending');
  await expect(firstRow).toContainText('model.layers.0.q_proj.weight');
});

test('the fields find matrices, and the number found is announced', async ({ page }) => {
  await open(page, views.report);
  await page.getByLabel('Name').fill('layers.3');
  await expect(page.locator('tbody tr.row')).toHaveCount(3);
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('o_proj');
  await expect(page.locator('tbody tr.row')).toHaveCount(1);
  await expect(page.getByRole('status').filter({ hasText: 'of' })).toHaveText('1 of 24 matrices');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(page.locator('tbody tr.row')).toHaveCount(24);
});

test('the map shows what is chosen, marks the row of its cell, and opens a cell in the table', async ({ page }) => {
  await open(page, views.report);
  const map = page.locator('secateur-heat-map');
  await page.getByLabel('Show').selectOption('Gain of the solver');
  await expect(map.getByRole('grid')).toHaveAccessibleName('Gain of the solver');
  await map.getByRole('gridcell').focus();
  await page.keyboard.press('ArrowDown');
  await expect(map.getByRole('gridcell')).toHaveAccessibleName(/^model\.layers\.1\.q_proj\.weight: gain of the solver 50\.0 %/);
  await page.keyboard.press('Space');
  await expect(page.locator('tbody tr.active')).toContainText('model.layers.1.q_proj.weight');
  await page.keyboard.press('Enter');
  await expect(page.locator('tbody tr.row')).toHaveCount(1);
});

test('a table of ten thousand matrices draws those in view, keeps its heading, and reaches the last', async ({ page }) => {
  const matrices = Array.from({ length: 10_000 }, (_, i) => matrixReport({ block: Math.floor(i / 10), kind: `k${i % 10}` }));
  await open(page, shown(madeReport({ matrices })));
  const rows = page.locator('tbody tr.row');
  await expect(page.getByRole('table', { name: /^Matrices/ })).toHaveAttribute('aria-rowcount', '10001');
  expect(await rows.count()).toBeLessThan(120);
  await page.getByRole('region', { name: /^Matrices/ }).focus();
  await page.keyboard.press('End');
  await expect(rows.last()).toContainText('model.layers.999.k9.weight');
  await expect(rows.last()).toHaveAttribute('aria-rowindex', '10001');
  await expect(page.getByRole('columnheader', { name: 'Matrix' })).toBeInViewport();
});

test('every button asks the host for its action', async ({ page }) => {
  const { posted } = await open(page, views.report);
  for (const name of ['Open Recipe', 'Compare with…', 'Copy as Markdown', 'Open as Text', 'Reveal'])
    await page.getByRole('button', { name, exact: true }).click();
  const actions = ['openRecipe', 'compare', 'copyMarkdown', 'openText', 'reveal'];
  await expect.poll(() => posted.slice(1)).toEqual(actions.map((action) => ({ type: 'action', action })));
});

test('there is no button for a recipe that is not there', async ({ page }) => {
  await open(page, shown(madeReport(), { hasRecipe: false }));
  await expect(page.getByRole('button', { name: 'Open Recipe' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Open as Text' })).toBeVisible();
});

test('what was chosen is kept, and comes back', async ({ page }) => {
  await open(page, views.report);
  await page.getByLabel('Show').selectOption('Zeros');
  await page.getByLabel('Name').fill('down');
  const kept = await page.evaluate(() => (window as unknown as { kept: object }).kept);
  expect(kept).toMatchObject({ measure: 'zeros', filter: { text: 'down' } });
});

test('a panel that comes back shows what was kept', async ({ page }) => {
  await open(page, views.report, {
    kept: { measure: 'zeros', filter: { text: 'down', kind: '', block: '' }, order: { key: 'name', direction: 'descending' } },
  });
  await expect(page.getByLabel('Show')).toHaveValue('zeros');
  await expect(page.locator('tbody tr.row')).toHaveCount(8);
  await expect(page.locator('tbody tr.row').first()).toContainText('layers.7');
});

test('a report that is sent again, as after a change on disk, replaces the one before', async ({ page }) => {
  await open(page, views['bad file']);
  await expect(page.getByRole('alert')).toHaveText('The file is not JSON.');
  await send(page, views.report);
  await expect(page.locator('h1')).toHaveText('tiny pruned to 50 %');
});

test('a comparison begins with the largest difference, says which is better, and names what the recipes do not share', async ({ page }) => {
  await open(page, views.comparison);
  const rows = page.locator('tbody tr.row');
  await expect(rows.first()).toContainText(/layers\.1\.down_proj[\s\S]*\+0\.006 worse.*× 2\.000/);
  await expect(rows.filter({ hasText: 'layers.0.down_proj' })).toContainText('−0.0015 better');
  await expect(page.locator('.tile', { hasText: 'lower error' })).toContainText('3 of 6');
  const differences = page.getByRole('table', { name: /recipe/ });
  await expect(differences.getByRole('row', { name: /^solve\.method/ })).toContainText('"obs""mask"');
  await expect(page.getByText('Source, texts, version and machine are the same.')).toBeVisible();
});

test('reports of models of other shapes are refused in a sentence', async ({ page }) => {
  await open(page, views['refused comparison']);
  await expect(page.locator('.note')).toHaveText(
    'These reports cannot be compared matrix by matrix. The first report is of a model with 6 matrices, the second of one with 9 matrices.',
  );
});

test('text from a file stays text', async ({ page }) => {
  const hostile = '<img src=x onerror="window.broken=1"><b>bold</b>';
  const matrices = [matrixReport({ name: hostile, kind: hostile, setBy: hostile })];
  const report = madeReport({ matrices, notes: [hostile], steps: [{ step: hostile, seconds: 1, peakBytes: 1 }] });
  const { complaints } = await open(page, shown({ ...report, source: { ...report.source, path: `/x/${hostile.replace('/', '')}` } }));
  await expect(page.locator('.notes li')).toHaveText(hostile);
  expect(await page.locator('img, b').count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('a report without matrices, steps and evaluation is still a page', async ({ page }) => {
  const { complaints } = await open(page, shown(madeReport({ matrices: [], steps: [], perplexity: null, evaluation: null })));
  await expect(page.locator('.tile', { hasText: 'Perplexity' })).toContainText('not measured');
  await expect(page.getByText('There is no matrix.')).toBeVisible();
  expect(complaints).toEqual([]);
});
