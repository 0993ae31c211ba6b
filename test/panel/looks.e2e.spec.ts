/** Every view in the four themes: screenshots for someone to look at, and no serious accessibility fault in any of them. */

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type ThemeName, test, themes, type Workbench } from './workbench.ts';

test('every view, in every theme', async ({ workbench, page }) => {
  test.setTimeout(600_000);

  await workbench.openPanel('small.prune.yaml');
  await expect(workbench.webview().getByText('q_proj').first()).toBeVisible();
  await inEveryTheme(workbench, 'recipe');

  await workbench.openPanel('wrong.prune.yaml');
  await expect(workbench.webview().getByText('methd').first()).toBeVisible();
  await inEveryTheme(workbench, 'recipe-with-problem');

  await workbench.openPanel('lost.prune.yaml');
  await expect(workbench.webview().getByText('not-here').first()).toBeVisible();
  await inEveryTheme(workbench, 'recipe-without-checkpoint');

  await workbench.openPanel('small.prune.yaml');
  await workbench.runCommand('Secateur: Open as Text');
  await expect(page.locator('.codelens-decoration').first()).toBeVisible();
  await inEveryTheme(workbench, 'recipe-as-text');
  await workbench.runCommand('View: Close All Editors');

  await workbench.openPanel('small.prune.yaml');
  await workbench.runCommand('Secateur: Prune');
  await workbench.openReportOfRun(120_000);
  await workbench.runCommand('View: Close Other Editors in Group');
  await inEveryTheme(workbench, 'report');

  cpSync(join(workbench.folder, 'pruned'), join(workbench.folder, 'again'), { recursive: true });
  await workbench.webview().getByRole('button', { name: 'Compare with…' }).click();
  await expect(workbench.quickPickRow()).toContainText('again');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: /compar|↔|again/i }).first()).toBeVisible();
  await workbench.runCommand('View: Close Other Editors in Group');
  await expect(workbench.webview().getByText('again').first()).toBeVisible();
  await inEveryTheme(workbench, 'comparison');

  await workbench.runCommand('Secateur: Prune Checkpoint');
  await expect(page.locator('.quick-input-title')).toContainText('Prune Checkpoint');
  await inEveryTheme(workbench, 'wizard');
  await page.keyboard.press('Escape');

  await workbench.runCommand('Secateur: Focus on Checkpoints View');
  await expect(page.getByRole('treeitem', { name: /sample/ }).first()).toBeVisible();
  await inEveryTheme(workbench, 'views');

  await workbench.runCommand('View: Close All Editors');
  await workbench.runCommand('Welcome: Open Walkthrough');
  await page.locator('.quick-input-widget input[type="text"]').fill('Secateur');
  await page.keyboard.press('Enter');
  await expect(page.locator('.gettingStartedContainer')).toContainText('Secateur');
  await inEveryTheme(workbench, 'walkthrough');
});

async function inEveryTheme(workbench: Workbench, view: string): Promise<void> {
  for (const theme of Object.keys(themes) as ThemeName[]) {
    await workbench.setTheme(theme);
    await workbench.screenshot(`${view}-${theme}`);
    expect.soft(await workbench.accessibilityFaults(), `${view} in ${theme}`).toEqual([]);
  }
}
