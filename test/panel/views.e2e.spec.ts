/** The view container: what lies in the workspace, what it says while empty, and the walkthrough. */

import { expect, test, type Workbench } from './workbench.ts';

function tree(workbench: Workbench, view: string) {
  return workbench.page.getByRole('tree', { name: view });
}

async function show(workbench: Workbench) {
  await workbench.runCommand('View: Show Secateur');
}

test('the view of checkpoints tells what is there, and what is wrong with it', async ({ workbench, page }) => {
  workbench.write('strange/config.json', '{ "model_type": "mystery" }');
  workbench.write('strange/model.safetensors', '');
  workbench.write('models/quantized.gguf', '');
  await show(workbench);
  const checkpoints = tree(workbench, 'Checkpoints');
  await expect(checkpoints.getByRole('treeitem', { name: /^checkpoint sample, llama, 1\.37 M, 2\.62 MiB, / })).toBeVisible();
  await expect(checkpoints.getByRole('treeitem', { name: /^checkpoint strange, .*mystery/ })).toBeVisible();
  await expect(checkpoints.getByRole('treeitem', { name: 'GGUF file quantized.gguf, to be imported' })).toBeVisible();
  const recipe = checkpoints.getByRole('treeitem', { name: /^recipe small\.prune\.yaml, / });
  await expect(recipe).toHaveAttribute('aria-level', '2');
  await expect(tree(workbench, 'Runs').or(page.getByText('Runs stand here'))).toBeVisible();
  await workbench.screenshot('view-checkpoints');

  workbench.write('later.prune.yaml', 'model: ./sample\nsparsity: 0.3\n');
  await expect(checkpoints.getByRole('treeitem', { name: /^recipe later\.prune\.yaml, 30 %/ })).toBeVisible();

  await recipe.click({ button: 'right' });
  for (const name of ['Open Panel', 'Open as Text', 'Prune', 'Measure Sensitivity', 'Copy Path'])
    await expect(page.getByRole('menuitem', { name, exact: true })).toBeVisible();
  await workbench.screenshot('view-checkpoints-menu');
  await page.keyboard.press('Escape');

  await recipe.click();
  await expect(workbench.tab('small.prune.yaml')).toBeVisible();
});

test.describe('without a checkpoint', () => {
  test.use({ bare: '# Notes\n' });

  test('the views start the job, and the walkthrough leads through it', async ({ workbench, page }) => {
    await show(workbench);
    await expect(page.getByText('No checkpoint was found in this workspace.')).toBeVisible();
    for (const name of ['Use Sample Checkpoint', 'Import GGUF…', 'Open Folder'])
      await expect(page.getByRole('button', { name, exact: true })).toBeVisible();
    await workbench.screenshot('view-welcome');

    // Where there is room the pictures stand beside the steps.
    await page.setViewportSize({ width: 1700, height: 900 });
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    await workbench.runCommand('Welcome: Open Walkthrough');
    await page.keyboard.type('Get started with Secateur');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: /Take the sample checkpoint/ })).toBeVisible();
    for (const title of ['See and shape the budget', 'Prune', 'Read the report', 'Prune your own model']) {
      await page
        .getByRole('button', { name: new RegExp(`^${title}`) })
        .first()
        .click();
      await page.waitForTimeout(500); // The picture follows the step a moment later.
      await workbench.screenshot(`walkthrough-${title.replaceAll(' ', '-').toLowerCase()}`);
    }
  });
});
