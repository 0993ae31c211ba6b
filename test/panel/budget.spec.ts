/** The budget panel in a browser: hands, keys, undo, faults, and looks. */

import { expect, type Page, test } from '@playwright/test';
import type { BudgetState, RunState } from '../../src/protocol/panel.ts';
import { budgetState, inspectionOf, recipe } from './fixtures/budget-model.ts';
import { openBudget } from './fixtures/budget-page.ts';
import { faults } from './fixtures/faults.ts';
import type { ThemeName } from './fixtures/themes.ts';

/** The same for every word of the one run that a test has. */
const startedMs = Date.now() - 60_000;

const small = inspectionOf(4);
const slider = (page: Page, name: string | RegExp) => page.getByRole('slider', { name });
const field = (page: Page, name: string) => page.getByRole('textbox', { name: `${name}, as a figure` });

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

/** Presses the thumb where it is and moves it to a share of the track, but does not let go. */
async function drag(page: Page, name: string | RegExp, to: number): Promise<void> {
  const thumb = slider(page, name);
  await thumb.scrollIntoViewIfNeeded();
  const box = (await thumb.boundingBox())!;
  const at = (share: number) => box.x + 7 + share * (box.width - 14);
  const y = box.y + box.height / 2;
  await page.mouse.move(at(Number(await thumb.inputValue())), y);
  await page.mouse.down();
  await page.mouse.move(at(to), y, { steps: 12 });
}

test('a drag previews while it goes on and sends one gesture when it ends', async ({ page }) => {
  const host = await openBudget(page, budgetState(small));
  await drag(page, 'Target sparsity', 0.6);
  await expect(field(page, 'Target sparsity')).toHaveValue('60 %');
  await expect(page.getByText('Sparsity asked').locator('xpath=following-sibling::dd[1]')).toHaveText('60 %');
  expect(host.of('gesture')).toEqual([]);
  await page.mouse.up();
  await expect.poll(() => host.of('gesture')).toEqual([{ type: 'gesture', gesture: { type: 'target', sparsity: 0.6 } }]);
  await expect.poll(() => host.state().text).toBe(recipe.replace('sparsity: 0.5', 'sparsity: 0.6'));
  await page.waitForTimeout(700);
  expect(host.of('gesture')).toHaveLength(1);
});

test('Escape during a drag takes it back, and nothing is sent', async ({ page }) => {
  const host = await openBudget(page, budgetState(small));
  await drag(page, 'Target sparsity', 0.7);
  await expect(field(page, 'Target sparsity')).toHaveValue('70 %');
  await page.keyboard.press('Escape');
  await expect(field(page, 'Target sparsity')).toHaveValue('50 %');
  const box = (await slider(page, 'Target sparsity').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.55, box.y + box.height / 2, { steps: 4 });
  await expect(field(page, 'Target sparsity')).toHaveValue('50 %');
  await page.mouse.up();
  await page.waitForTimeout(700);
  await expect(field(page, 'Target sparsity')).toHaveValue('50 %');
  expect(host.of('gesture')).toEqual([]);
  await drag(page, 'Target sparsity', 0.6);
  await page.mouse.up();
  await expect.poll(() => host.of('gesture')).toHaveLength(1);
});

test('keys move a slider and send one gesture after a pause', async ({ page }) => {
  const host = await openBudget(page, budgetState(small));
  await slider(page, 'Target sparsity').focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'PageUp', 'ArrowLeft', 'Shift+ArrowRight']) await page.keyboard.press(key);
  expect(host.of('gesture')).toEqual([]);
  await expect.poll(() => host.of('gesture')).toEqual([{ type: 'gesture', gesture: { type: 'target', sparsity: 0.611 } }]);
});

test('the kind, block and selection sliders set what they stand for, and the lock gives it back', async ({ page }) => {
  const host = await openBudget(page, budgetState(small, { text: 'model: ./m\nsparsity: 0.5\n' }));
  await drag(page, 'Kind up_proj', 0.3);
  await page.mouse.up();
  await expect.poll(() => host.state().text).toContain('"*.up_proj": 0.3');
  await page.getByText('Blocks', { exact: true }).click();
  await field(page, 'Block 2').fill('45 %');
  await page.keyboard.press('Enter');
  await expect.poll(() => host.state().text).toContain('0.45');
  expect(host.of('gesture')[1].gesture).toMatchObject({ type: 'set', sparsity: 0.45, respectLocks: true });
  await page.getByRole('button', { name: 'Kind up_proj: lock' }).click();
  await expect.poll(() => host.of('gesture').at(-1)?.gesture.type).toBe('release');
  await page.getByRole('button', { name: 'Reset All' }).click();
  await expect.poll(() => host.state().text).toBe('model: ./m\nsparsity: 0.5\n');
});

test('the slider of a block leaves alone what is locked within it, however long the drag', async ({ page }) => {
  const host = await openBudget(
    page,
    budgetState(small, { text: 'model: ./m\nsparsity: 0.5\nallocate:\n  fixed:\n    "*.down_proj": 0.4\n' }),
    'dark',
    {
      open: ['Blocks'],
    },
  );
  await drag(page, 'Block 1', 0.2);
  await page.mouse.up();
  await expect.poll(() => host.of('gesture').map(({ gesture }) => gesture)).toMatchObject([{ type: 'set', respectLocks: true }]);
  await expect.poll(() => host.state().text).toContain('"*.down_proj": 0.4');
  const lines = host
    .state()
    .text.split('\n')
    .filter((line) => line.startsWith('    '));
  expect(lines.map((line) => line.trim().split(':')[0])).toEqual(['"model.layers.1.*"', '"*.down_proj"']);
});

test('cells are chosen by keys and by mouse, and the slider of the selection follows', async ({ page }) => {
  const host = await openBudget(page, budgetState(small, { text: 'model: ./m\nsparsity: 0.5\n' }));
  const cell = page.getByRole('gridcell');
  await cell.focus();
  await page.keyboard.press('ArrowRight');
  await expect(cell).toHaveAttribute('aria-colindex', '2');
  await expect(cell).toHaveAttribute('aria-label', /^Block 0, k_proj; sparsity 50 %/);
  await page.keyboard.press('Space');
  await expect(cell).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(slider(page, 'Selection of 4 matrices')).toBeEnabled();
  await expect(page.getByText('model.layers.1.self_attn.v_proj.weight')).toBeVisible();
  await page.keyboard.press('Control+a');
  await expect(slider(page, 'Selection of 28 matrices')).toBeEnabled();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(slider(page, 'Selection, empty')).toBeDisabled();

  const box = (await page.getByRole('grid').boundingBox())!;
  await page.mouse.click(box.x + 80, box.y + 35);
  await expect(slider(page, 'Selection of 1 matrix')).toBeEnabled();
  await page.mouse.move(box.x + 80, box.y + 35);
  await page.mouse.down();
  await page.mouse.move(box.x + 260, box.y + 80, { steps: 5 });
  await page.mouse.up();
  await expect(slider(page, /Selection of [69] matrices/)).toBeEnabled();
  await page.getByRole('textbox', { name: /^Selection of .* as a figure$/ }).fill('0,3');
  await page.keyboard.press('Enter');
  await expect.poll(() => host.of('gesture').at(-1)?.gesture).toMatchObject({ type: 'set', sparsity: 0.3, respectLocks: false });
});

test('typing that makes no sense is told beside the field and sends nothing', async ({ page }) => {
  const host = await openBudget(page, budgetState(small));
  await field(page, 'Target sparsity').fill('half');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('Type a share such as 45 % or 0.45.');
  await expect(field(page, 'Target sparsity')).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Escape');
  await expect(field(page, 'Target sparsity')).toHaveValue('50 %');
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(host.of('gesture')).toEqual([]);
});

test('a wish that cannot be met is told with the nearest that can', async ({ page }) => {
  const host = await openBudget(page, budgetState(small));
  await drag(page, 'Target sparsity', 0.95);
  await page.mouse.up();
  const nearest = page.getByRole('button', { name: /^Set the target to 6\d/ });
  await expect(nearest).toBeVisible();
  expect(host.of('gesture')).toEqual([]);
  await nearest.click();
  await expect.poll(() => host.of('gesture').map(({ gesture }) => gesture.type)).toEqual(['target']);
  await expect(nearest).toHaveCount(0);
});

test('undo goes to the document once, and stays in a field that has typing of its own', async ({ page }) => {
  const host = await openBudget(page, budgetState(small));
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    addEventListener('keydown', (event) => seen.push(event.key));
  });
  await slider(page, 'Target sparsity').focus();
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+y');
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(() => host.posted.map(({ type }) => type)).toEqual(['ready', 'undo', 'redo', 'redo']);
  await field(page, 'Target sparsity').focus();
  await page.keyboard.press('Control+z');
  await expect.poll(() => host.of('undo')).toHaveLength(2);
  await page.keyboard.type('33');
  await page.keyboard.press('Control+z');
  await expect(field(page, 'Target sparsity')).not.toHaveValue('33');
  await page.waitForTimeout(100);
  expect(host.of('undo')).toHaveLength(2);
  expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen.filter((key) => 'zyZY'.includes(key)))).toEqual([]);
});

test('a broken text leaves the last budget in sight, and says where it is broken', async ({ page }) => {
  const host = await openBudget(page, budgetState(small));
  await expect(slider(page, 'Target sparsity')).toBeEnabled();
  await host.set({ text: recipe.replace('0.5', 'lots'), version: 2 });
  await expect(slider(page, 'Target sparsity')).toBeDisabled();
  await expect(page.getByRole('grid')).toBeVisible();
  await page.getByRole('button', { name: '3:11: show this line' }).click();
  await expect.poll(() => host.of('reveal')).toEqual([{ type: 'reveal', line: 3, column: 11 }]);
  await host.set({ text: recipe, version: 3 });
  await expect(slider(page, 'Target sparsity')).toBeEnabled();
});

const stories: readonly (readonly [string, Partial<BudgetState>, string])[] = [
  ['a missing checkpoint offers to pick one', { checkpoint: { state: 'missing', path: './gone' } }, 'pickCheckpoint'],
  ['an unmeasured one offers to measure', { sensitivity: null }, 'measure'],
  ['a failed run offers the log', { run: { ...runState({}), state: 'failed', message: 'The disk is full.' } }, 'showLog'],
  ['a run can be stopped', { run: runState({}) }, 'stop'],
  ['a stopped run can be resumed', { outcome: { to: 'x', state: 'partial' } }, 'resume'],
  ['a finished one has a report', { outcome: { to: 'x', state: 'finished' } }, 'openReport'],
];
const titles: Record<string, string> = {
  pickCheckpoint: 'Pick a Checkpoint',
  measure: 'Measure',
  showLog: 'Show Log',
  stop: 'Stop',
  resume: 'Resume',
  openReport: 'Open Report',
};
for (const [title, change, action] of stories)
  test(title, async ({ page }) => {
    const host = await openBudget(page, budgetState(small, change));
    await page.getByRole('button', { name: titles[action], exact: true }).last().click();
    await expect.poll(() => host.of('action')).toEqual([{ type: 'action', action }]);
  });

test('nothing may run in a workspace that is not trusted, and it says so', async ({ page }) => {
  const host = await openBudget(page, budgetState(small, { trusted: false }));
  await expect(page.getByText('This workspace is not trusted')).toBeVisible();
  await page.getByRole('button', { name: 'Prune' }).click({ force: true });
  await page.waitForTimeout(100);
  expect(host.of('action')).toEqual([]);
});

test('cells fill with measured errors while a run goes on', async ({ page }) => {
  const host = await openBudget(page, budgetState(small, { run: runState({}) }));
  const choice = page.getByRole('combobox', { name: 'Show' });
  await expect(choice.locator('option[value=measured]')).toBeDisabled();
  const { name } = small.matrices[0];
  const matrices = [{ name, zeros: 10, relativeError: 0.0123, maskOnlyError: 0.02, damping: 0.01 }];
  await host.send({ type: 'run', run: runState({ matrices }) });
  await expect(choice).toHaveValue('measured');
  await choice.selectOption('zeros');
  await host.send({ type: 'run', run: runState({ matrices: [{ ...matrices[0], name: small.matrices[1].name }] }) });
  await page.waitForTimeout(200);
  await expect(choice).toHaveValue('zeros');
  await choice.selectOption('measured');
  await page.getByRole('gridcell').focus();
  await expect(page.getByRole('gridcell')).toHaveAttribute('aria-label', /measured error 0\.0123/);
  await expect(page.locator('#spoken')).toContainText('Pruning');
});

test('a page made anew during a run keeps to what was looked at', async ({ page }) => {
  const matrices = [{ name: small.matrices[0].name, zeros: 10, relativeError: 0.0123, maskOnlyError: 0.02, damping: 0.01 }];
  const kept = { shown: 'zeros', watched: startedMs };
  await openBudget(page, budgetState(small, { run: runState({ matrices }) }), 'dark', kept);
  await expect(page.getByRole('combobox', { name: 'Show' }).locator('option[value=measured]')).toBeEnabled();
  await expect(page.getByRole('combobox', { name: 'Show' })).toHaveValue('zeros');
  await expect(page.getByRole('banner').getByText('What is changed now counts from the next run.')).toBeVisible();
});

test('the notice of a failed run begins with a capital and can be put away', async ({ page }) => {
  const host = await openBudget(page, budgetState(small, { run: runState({ state: 'failed', message: 'the disk is full' }) }));
  const told = page.locator('.notice').getByText('The disk is full');
  await expect(told).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(told).toHaveCount(0);
  await host.set({ version: 2 });
  await page.waitForTimeout(100);
  await expect(told).toHaveCount(0);
  await host.set({ run: runState({ state: 'failed', message: 'the disk is full', startedMs: startedMs + 1 }) });
  await expect(told).toBeVisible();
});

test('experts share a column that can be opened and closed', async ({ page }) => {
  await openBudget(page, budgetState(inspectionOf(2, 8), { text: 'model: ./m\nsparsity: 0.5\n' }));
  const grid = page.getByRole('grid');
  await expect(grid).toHaveAttribute('aria-colcount', '7');
  await page.getByRole('gridcell').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(grid).toHaveAttribute('aria-colcount', '8');
  await page.getByRole('button', { name: 'All Kinds' }).click();
  await expect(grid).toHaveAttribute('aria-colcount', '7');
});

test('what was chosen is remembered, and scrolled to', async ({ page }) => {
  const inspection = inspectionOf(60);
  const { name } = inspection.matrices[7 * 50 + 1];
  await openBudget(page, budgetState(inspection), 'dark', { shown: 'rank', selection: [name], active: name, open: ['Blocks'] });
  await expect(page.getByRole('combobox', { name: 'Show' })).toHaveValue('rank');
  await expect(slider(page, 'Selection of 1 matrix')).toBeEnabled();
  await expect(page.getByText(name, { exact: true })).toBeVisible();
  await expect(slider(page, 'Block 0')).toBeVisible();
  await expect.poll(() => page.getByRole('grid').evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(300);
});

for (const theme of ['dark', 'light', 'hc-dark', 'hc-light'] satisfies ThemeName[])
  test(`no accessibility fault in the ${theme} theme, at 400 pixels and with problems too`, async ({ page }) => {
    const host = await openBudget(page, budgetState(small, { run: runState({}) }), theme);
    await expect(page.getByRole('grid')).toBeVisible();
    expect.soft(await faults(page)).toEqual([]);
    await page.setViewportSize({ width: 400, height: 800 });
    await host.set({ text: recipe.replace('0.5', 'lots'), version: 2, run: null, sensitivity: null });
    await expect(page.getByText('The recipe has problems').first()).toBeVisible();
    await expect(page.locator('.notice .link').first()).toHaveCSS('text-decoration-line', 'underline');
    expect.soft(await faults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  });

function runState(change: Partial<RunState>): RunState {
  return {
    kind: 'prune',
    state: 'running',
    progress: { step: 'prune', done: 1.5, total: 4, unit: 'blocks', detail: 'model.layers.1.mlp.up_proj' },
    startedMs,
    from: { done: 0, atMs: startedMs },
    message: null,
    hint: null,
    matrices: [],
    sensitivities: [],
    ...change,
  };
}
