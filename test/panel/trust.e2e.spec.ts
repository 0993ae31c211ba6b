/** A workspace that is not trusted: everything is shown, nothing can be run. */

import { expect, test } from './workbench.ts';

test.use({ trust: true });

test('offers no runs, and still shows the recipe and the checkpoints', async ({ workbench, page }) => {
  await expect(page.locator('.monaco-workbench')).toContainText('Restricted Mode');
  await workbench.openPanel('small.prune.yaml');
  const panel = workbench.webview();
  await expect(panel.getByText('q_proj').first()).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Prune', exact: true })).toBeDisabled();

  const offered = await workbench.offered('Secateur:');
  expect(offered.some((title) => title.includes('New Recipe'))).toBe(true);
  for (const title of ['Prune Checkpoint', 'Measure Sensitivity', 'Evaluate Perplexity', 'Import GGUF', 'Try a Prompt'])
    expect(offered.filter((row) => row.includes(title))).toEqual([]);
});
