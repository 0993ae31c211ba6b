/** A newcomer's way, from the palette to the report on the sample checkpoint. */

import { expect, test } from './workbench.ts';

test.use({ bare: '# Notes\n' });

test('from the palette to the report of a pruned sample', async ({ workbench, page }) => {
  await workbench.runCommand('Secateur: Use Sample Checkpoint');
  const panel = workbench.webview();
  const prune = panel.getByRole('button', { name: 'Prune', exact: true });
  await expect(prune).toBeEnabled({ timeout: 90_000 });
  await prune.click();
  await expect(panel.getByRole('progressbar').first()).toBeVisible();
  await workbench.notification('Open Report').getByRole('button', { name: 'Open Report' }).click({ timeout: 180_000 });
  await expect(page.getByRole('tab', { name: /report/i })).toBeVisible();
  await expect(
    workbench
      .webview()
      .getByText(/perplexity/i)
      .first(),
  ).toBeVisible();
});
