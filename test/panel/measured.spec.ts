/** The budget panel of a recipe that is measured: methods to choose, what a measure finds as it goes, predictions; and how all that looks. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { BudgetState } from '../../src/protocol/panel.ts';
import { budgetState, curvesRecipe, inspectionOf, measuring, scanOf } from './fixtures/budget-model.ts';
import { openBudget } from './fixtures/budget-page.ts';
import { faults } from './fixtures/faults.ts';
import type { ThemeName } from './fixtures/themes.ts';

const small = inspectionOf(4);
const scan = scanOf(small);
const curved = (change: Partial<BudgetState> = {}) => budgetState(small, { text: curvesRecipe, sensitivity: scan, ...change });
const choice = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true });
const total = (page: Page, name: string) =>
  page.locator('dt', { hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd[1]');
const cell = (page: Page) => page.getByRole('gridcell');

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('another allocator is one edit, and re-allocates at once', async ({ page }) => {
  const host = await openBudget(page, curved({ text: curvesRecipe.replace('curves #', 'uniform #'), sensitivity: null }));
  await expect(choice(page, 'Allocate')).toHaveValue('uniform');
  await expect(choice(page, 'Measure')).toHaveValue('error-curve');
  await cell(page).focus();
  await expect(cell(page)).toHaveAttribute('aria-label', /sparsity 50 %/);
  await choice(page, 'Allocate').selectOption({ label: 'Curves' });
  await expect
    .poll(() => host.of('gesture'))
    .toEqual([{ type: 'gesture', gesture: { type: 'method', step: 'allocate', method: 'curves' } }]);
  await expect.poll(() => host.state().text).toBe(curvesRecipe);
  await expect(choice(page, 'Measure')).toHaveValue('scan');
  await expect(page.getByText(/^The budget below is uniform until .* has been measured/)).toBeVisible();
  await expect(cell(page)).toHaveAttribute('aria-label', /sparsity 50 %/);
  await host.set({ sensitivity: scan });
  await expect(page.getByText(/^The budget below is uniform/)).toHaveCount(0);
  await expect(cell(page)).not.toHaveAttribute('aria-label', /sparsity 50 %/);
});

test('what waits for a measure offers it in the notice', async ({ page }) => {
  const host = await openBudget(page, curved({ sensitivity: { ...scan, method: 'trace-error' } }));
  await page.locator('.notice').getByRole('button', { name: 'Measure' }).click();
  await expect.poll(() => host.of('action')).toEqual([{ type: 'action', action: 'measure' }]);
});

test('a measure that the allocator does not take is said in the list, is a problem, and can be mended there', async ({ page }) => {
  const host = await openBudget(page, curved());
  await expect(choice(page, 'Measure').locator('option', { hasText: 'not for Curves' }).first()).toBeAttached();
  await choice(page, 'Measure').selectOption('error-curve');
  await expect.poll(() => host.state().text).toContain('measure: { method: error-curve }');
  await expect(page.getByRole('region', { name: 'Problems of the recipe' })).toContainText('error-curve');
  await expect(choice(page, 'Measure')).toHaveValue('error-curve');
  await expect(choice(page, 'Allocate').locator('option[value=curves]')).toHaveText(/takes no/);
  await choice(page, 'Measure').selectOption('scan');
  await expect(page.getByRole('region', { name: 'Problems of the recipe' })).toHaveCount(0);
  await expect.poll(() => host.state().text).toContain('measure: { method: scan }');
});

test('a text that is no YAML refuses another method and says so', async ({ page }) => {
  const host = await openBudget(page, curved());
  await expect(choice(page, 'Measure')).toBeVisible();
  await host.set({ text: `${curvesRecipe}  {`, version: 2 });
  await choice(page, 'Allocate').selectOption('uniform');
  await expect(page.locator('.notice[role=status]')).toContainText('The recipe has errors');
});

test('the number of an allocator is dragged and typed, previewed and written once', async ({ page }) => {
  const text = 'model: ./m\nsparsity: 0.5\nallocate:\n  method: prior # ours\n';
  const host = await openBudget(page, curved({ text }));
  const slider = page.getByRole('slider', { name: /^Spread of / });
  const field = page.getByRole('textbox', { name: /^Spread of .* as a figure$/ });
  await expect(field).toHaveValue('0.1');
  await cell(page).focus();
  const before = await cell(page).getAttribute('aria-label');
  const box = (await slider.boundingBox())!;
  await page.mouse.move(box.x + 7 + 0.2 * (box.width - 14), box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
  await expect(field).toHaveValue('0.25');
  await expect(cell(page)).not.toHaveAttribute('aria-label', before!);
  expect(host.of('gesture')).toEqual([]);
  await page.mouse.up();
  await expect.poll(() => host.state().text).toBe(`${text}  spread: 0.25\n`);
  await field.fill('0,05');
  await page.keyboard.press('Enter');
  await expect.poll(() => host.state().text).toBe(`${text}  spread: 0.05\n`);
  await field.fill('3');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('3 is not between 0 and 0.5.');
  expect(host.of('gesture')).toHaveLength(2);
});

test('cells fill block by block while a measure runs, and a matrix may get a better value', async ({ page }) => {
  const run = measuring(scan, 0);
  const host = await openBudget(page, curved({ sensitivity: null, run }));
  const shown = choice(page, 'Show');
  await expect(shown.locator('option[value=sensitivity]')).toBeDisabled();
  await host.send({ type: 'run', run: { ...run, sensitivities: scan.matrices.slice(0, 7) } });
  await expect(shown).toHaveValue('sensitivity');
  await cell(page).focus();
  await expect(cell(page)).toHaveAttribute('aria-label', /rank \d of 7 by sensitivity/);
  await page.keyboard.press('ArrowDown');
  await expect(cell(page)).toHaveAttribute('aria-label', /Block 1, q_proj; .*sensitivity not known/);
  await shown.selectOption('rank');
  await host.send({ type: 'run', run: { ...run, sensitivities: [scan.matrices[7], { name: scan.matrices[0].name, value: 1e-9 }] } });
  await expect(shown).toHaveValue('rank');
  await page.keyboard.press('ArrowUp');
  await expect(cell(page)).toHaveAttribute('aria-label', /rank 8|sensitivity, rank 8/);
  await expect(page.locator('#spoken')).toContainText('Measuring');
  await host.set({ run: { ...run, state: 'done', sensitivities: scan.matrices } });
  await expect(cell(page)).toHaveAttribute('aria-label', /sensitivity, rank/);
  await host.set({ sensitivity: scan });
  await expect(page.getByText(/^The budget below is uniform/)).toHaveCount(0);
});

test('the prediction follows the hand, with its interval and the control', async ({ page }) => {
  await openBudget(page, curved());
  const perplexity = total(page, 'Predicted perplexity');
  await expect(perplexity).toHaveText(/^× [\d.]+ \(× [\d.]+ to × [\d.]+\)\s*uniform: × /);
  const before = await perplexity.textContent();
  const slider = page.getByRole('slider', { name: 'Target sparsity' });
  const box = (await slider.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.65 * box.width, box.y + box.height / 2, { steps: 4 });
  await expect(perplexity).not.toHaveText(before!);
  await page.mouse.up();
});

test('perplexity is told in figures where that of the unpruned model is known, and else what to measure', async ({ page }) => {
  const host = await openBudget(page, curved({ densePerplexity: 17.5 }));
  await expect(total(page, 'Predicted perplexity')).toHaveText(/^\d\d(\.\d+)? \(\d\d/);
  await host.set({ sensitivity: null });
  await expect(total(page, 'Predicted perplexity')).toHaveText(/^not known: measure with .*scan/i);
});

test('the details of a matrix have units and doubt', async ({ page }) => {
  const matrices = scan.matrices.map((matrix, i) => (i === 0 ? { ...matrix, standardError: 0.00123 } : matrix));
  await openBudget(page, curved({ sensitivity: { ...scan, matrices } }));
  await cell(page).focus();
  await page.keyboard.press('Space');
  await expect(total(page, 'Sensitivity')).toHaveText(/^[\d.e-]+ ± 0\.00123 nats a token$/);
  await expect(total(page, 'Rank')).toHaveText(/^\d+ of 28, 1 minds most$/);
  await expect(total(page, 'Predicted loss')).toHaveText(/nats a token$/);
  await expect(page.getByRole('img', { name: /^Predicted loss, nats a token, over sparsity/ })).toBeVisible();
});

const looks = join(import.meta.dirname, '../../.test-artefacts/looks');
const large = inspectionOf(12);
const stories: readonly (readonly [string, BudgetState])[] = [
  ['measuring', budgetState(large, { text: curvesRecipe, sensitivity: null, run: measuring(scanOf(large), 45) })],
  ['measured', budgetState(large, { text: curvesRecipe, sensitivity: scanOf(large), densePerplexity: 17.5 })],
];
for (const theme of ['dark', 'light', 'hc-dark', 'hc-light'] satisfies ThemeName[])
  for (const [name, state] of stories)
    test(`${name}, in the ${theme} theme and at 400 pixels: no accessibility fault, and a picture to look at`, async ({ page }) => {
      mkdirSync(looks, { recursive: true });
      const host = await openBudget(page, state, theme, { active: large.matrices[10].name, selection: [large.matrices[10].name] });
      await expect(page.getByRole('grid')).toBeVisible();
      if (state.run) await host.send({ type: 'run', run: { ...state.run, sensitivities: [] } });
      await expect(choice(page, 'Show')).toHaveValue(state.run ? 'sensitivity' : 'sparsity');
      expect.soft(await faults(page)).toEqual([]);
      await page.screenshot({ path: join(looks, `${name}-${theme}.png`), fullPage: true });
      await page.setViewportSize({ width: 400, height: 800 });
      expect.soft(await faults(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
      await page.screenshot({ path: join(looks, `${name}-${theme}-400.png`), fullPage: true });
    });
