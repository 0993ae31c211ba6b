/** A newcomer's way, from the palette to the report on the sample checkpoint. */

import { expect, test } from './workbench.ts';

test.use({ bare: '# Notes\n' });

test('from the palette to the report of a pruned sample', async ({ workbench }) => {
  await workbench.runCommand('Secateur: Use Sample Checkpoint');
  const panel = workbench.webview();
  const prune = panel.getByRole('button', { name: 'Prune', exact: true });
  await expect(prune).toBeEnabled({ timeout: 90_000 });
  await prune.click();
  await expect(panel.getByRole('progressbar').first()).toBeVisible();
  await workbench.openReportOfRun(180_000);
});
