/** Hands on the panel: the text follows by the smallest edit, and everything the editor does with a text it does with a recipe. */

import { expect, test } from './workbench.ts';

const FILE = 'small.prune.yaml';

test('a drag changes one word of the text, and is one step to undo', async ({ workbench, page }) => {
  const before = workbench.read(FILE);
  await workbench.openPanel(FILE);
  const slider = workbench.webview().getByRole('slider', { name: /target/i });
  await expect(slider).toHaveValue('0.5');
  const box = (await slider.boundingBox())!; // In the page's coordinates, through both iframes.
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width / 2, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, y, { steps: 10 });
  await page.mouse.up();
  await expect(workbench.tab(FILE)).toHaveClass(/\bdirty\b/);
  expect(workbench.read(FILE)).toBe(before);
  await page.keyboard.press('Control+s');
  await expect(workbench.tab(FILE)).not.toHaveClass(/\bdirty\b/);
  const after = workbench.read(FILE);
  expect(after).not.toBe(before);
  expect(after.replace(/^sparsity: [\d.]+/m, '')).toBe(before.replace(/^sparsity: [\d.]+/m, ''));

  await page.keyboard.press('Control+z');
  await expect(workbench.tab(FILE)).toHaveClass(/\bdirty\b/);
  await page.keyboard.press('Control+s');
  await expect.poll(() => workbench.read(FILE)).toBe(before);
});

test('text that is typed beside the panel shows in it at once', async ({ workbench, page }) => {
  await workbench.openPanel(FILE);
  const field = workbench.webview().getByRole('textbox', { name: /target/i });
  await expect(field).toHaveValue(/50/);
  await workbench.runCommand('View: Split Editor into Right Group');
  await expect(page.locator('iframe.webview.ready')).toHaveCount(2);
  await workbench.runCommand('Secateur: Open as Text');
  await page.locator('.monaco-editor .view-line', { hasText: 'sparsity: 0.5' }).first().click();
  await page.keyboard.press('Home');
  for (let i = 0; i < 'sparsity: 0.'.length; i++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Delete');
  await page.keyboard.type('6');
  await expect(field).toHaveValue(/60/);
});

test('a recipe that was not saved is there again after the window was closed', async ({ workbench, page }) => {
  const before = workbench.read(FILE);
  await workbench.openPanel(FILE);
  const field = workbench.webview().getByRole('textbox', { name: /target/i });
  await field.fill('65');
  await field.press('Enter');
  await expect(workbench.tab(FILE)).toHaveClass(/\bdirty\b/);
  await page.waitForTimeout(2000); // The editor writes its backup after a second.
  await page.reload();
  await expect(workbench.tab(FILE)).toHaveClass(/\bdirty\b/, { timeout: 90_000 });
  // The editor may bring it back as text, where it does not know the panel yet.
  if (await page.locator('.monaco-editor .view-line').first().isVisible()) await workbench.runCommand('Secateur: Open Panel');
  await expect(field).toHaveValue(/65/, { timeout: 90_000 });
  expect(workbench.read(FILE)).toBe(before);
});
