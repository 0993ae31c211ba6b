/** The whole way without a mouse: open, set, undo, prune, read. */

import { expect, test, type Workbench } from './workbench.ts';

const FILE = 'small.prune.yaml';

test('a recipe is opened, changed and pruned from the keyboard alone', async ({ workbench, page }) => {
  await page.keyboard.press('Control+p');
  await page.keyboard.type(FILE);
  await expect(workbench.quickPickRow()).toContainText(FILE);
  await page.keyboard.press('Enter');
  await expect(workbench.tab(FILE)).toBeVisible();
  // Right after the start the editor may open it as text.
  await workbench.runCommand('View: Reopen Editor With...');
  await expect(workbench.quickPickRow()).toContainText(/./);
  await page.keyboard.type('Pruning Recipe');
  await page.keyboard.press('Enter');
  await expect(workbench.webview().getByRole('slider', { name: /target/i })).toBeVisible();

  await tabTo(workbench, /target/i);
  await page.keyboard.press('ArrowRight');
  await expect(workbench.tab(FILE)).toHaveClass(/\bdirty\b/);
  await page.keyboard.press('Control+z');
  await expect(workbench.tab(FILE)).not.toHaveClass(/\bdirty\b/);

  await tabTo(workbench, /^Prune$/);
  await page.keyboard.press('Enter');
  await expect(workbench.notification('Open Report')).toBeVisible({ timeout: 120_000 });
  await workbench.runCommand('Secateur: Open Report');
  await expect(page.getByRole('tab', { name: /report/i })).toBeVisible();
});

/** Presses Tab until what has the focus inside the panel has that name. */
async function tabTo(workbench: Workbench, name: RegExp): Promise<void> {
  const body = workbench.webview().locator('body');
  const seen: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    const focused = await body.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return (element?.ariaLabel || element?.textContent || '').trim();
    });
    if (name.test(focused)) return;
    seen.push(focused);
    await workbench.page.keyboard.press('Tab');
  }
  throw new Error(`Tab never led to ${name}, but to ${seen.join(' | ')}`);
}
