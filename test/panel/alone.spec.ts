/** One matrix solved alone from the details pane: asked for once, shown beside what was predicted, and given up when it is no longer looked at. */

import { expect, type Page, test } from '@playwright/test';
import type { ResolvedMatrix } from '../../src/protocol/engine.ts';
import type { BudgetState } from '../../src/protocol/panel.ts';
import { budgetState, inspectionOf, sensitivityOf } from './fixtures/budget-model.ts';
import { openBudget } from './fixtures/budget-page.ts';

const small = inspectionOf(4);
/** The query of block 1, which no lock of the recipe holds. */
const chosen = small.matrices[7];
const state = (change: Partial<BudgetState> = {}) => budgetState(small, { sensitivity: sensitivityOf(small), ...change });
const details = (page: Page) => page.getByRole('region', { name: 'Matrix', exact: true });
const button = (page: Page) => details(page).getByRole('button', { name: 'Solve This Matrix Now' });
const row = (page: Page, name: string) => details(page).locator('dt', { hasText: name }).locator('xpath=following-sibling::dd[1]');
const solved = (change: Partial<ResolvedMatrix> = {}) => ({
  state: 'solved' as const,
  solved: {
    name: chosen.name,
    zeros: 1,
    relativeError: 0.0421,
    maskOnlyError: 0.09,
    damping: 0.01,
    seconds: 0.42,
    isStandIn: false,
    ...change,
  },
});

async function choose(page: Page): Promise<void> {
  await page.getByRole('gridcell').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await expect(details(page)).toContainText(chosen.name);
}

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('the chosen matrix is solved at its present sparsity, and its error stands beside the predicted one', async ({ page }) => {
  const host = await openBudget(page, state());
  await expect(button(page)).toHaveCount(0);
  await choose(page);
  await button(page).click();
  await expect.poll(() => host.of('solve')).toHaveLength(1);
  const [{ matrix, sparsity }] = host.of('solve');
  expect(matrix).toBe(chosen.name);
  expect(sparsity).toBeGreaterThan(0);
  await expect(details(page)).toContainText('It is being solved.');
  await expect(button(page)).toHaveAttribute('disabled');
  await host.send({ type: 'solved', matrix, sparsity, answer: solved() });
  await expect(row(page, 'Error, solved alone')).toHaveText('0.0421 of the output');
  await expect(row(page, 'Damping, time')).toHaveText('0.01, 0.4 s');
  await expect(row(page, 'Predicted error')).not.toBeEmpty();
  await expect(button(page)).not.toHaveAttribute('disabled');
  await details(page).screenshot({ path: '.test-artefacts/alone/solved.png' });
});

test('an answer that comes after another cell was chosen, or the sparsity was moved, is not shown, and nobody works on it', async ({
  page,
}) => {
  const host = await openBudget(page, state());
  await choose(page);
  await button(page).click();
  await expect.poll(() => host.of('solve')).toHaveLength(1);
  await page.getByRole('gridcell').focus();
  await page.keyboard.press('ArrowDown');
  await expect(details(page)).not.toContainText(chosen.name);
  await expect.poll(() => host.of('stopSolving')).toHaveLength(1);
  const [{ matrix, sparsity }] = host.of('solve');
  await host.send({ type: 'solved', matrix, sparsity, answer: solved() });
  await page.keyboard.press('ArrowUp');
  await expect(details(page)).toContainText(chosen.name);
  await expect(row(page, 'Error, solved alone')).toHaveCount(0);

  await button(page).click();
  await expect.poll(() => host.of('solve')).toHaveLength(2);
  await host.send({ type: 'solved', matrix, sparsity, answer: solved() });
  await expect(row(page, 'Error, solved alone')).toHaveCount(1);
  await host.set({ text: host.state().text.replace('sparsity: 0.5', 'sparsity: 0.6'), version: host.state().version + 1 });
  await expect(row(page, 'Error, solved alone')).toHaveCount(0);
  expect(host.of('stopSolving')).toHaveLength(1);
});

test('where nothing is kept to solve with, Measure is offered; a fault is told with its way out', async ({ page }) => {
  const host = await openBudget(page, state());
  await choose(page);
  await button(page).click();
  await expect.poll(() => host.of('solve')).toHaveLength(1);
  const [{ matrix, sparsity }] = host.of('solve');
  await host.send({ type: 'solved', matrix, sparsity, answer: { state: 'no grams' } });
  await expect(details(page)).toContainText('secateur.gramCacheLimit');
  await details(page).getByRole('button', { name: 'Measure', exact: true }).click();
  await expect.poll(() => host.of('action')).toEqual([{ type: 'action', action: 'measure' }]);
  await button(page).click();
  await host.send({ type: 'solved', matrix, sparsity, answer: { state: 'failed', message: 'no <b>way</b> out', hint: 'Raise damping.' } });
  await expect(details(page)).toContainText('No <b>way</b> out');
  await expect(details(page).locator('.hint')).toHaveText('Raise damping.');
});

test('nothing is solved in a workspace that is not trusted, and a default that stood in is named', async ({ page }) => {
  const host = await openBudget(page, state({ trusted: false }));
  await choose(page);
  await expect(button(page)).toHaveAttribute('disabled');
  await host.set({ trusted: true });
  await button(page).click();
  await expect.poll(() => host.of('solve')).toHaveLength(1);
  const [{ matrix, sparsity }] = host.of('solve');
  await host.send({ type: 'solved', matrix, sparsity, answer: solved({ isStandIn: true }) });
  await expect(details(page)).toContainText('By the default solver');
});
