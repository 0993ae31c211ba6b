/** The README's pictures, taken in the real host: the panel of a measured recipe, and the frames of a short film for scripts/animation.mjs. */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/test-host.mjs';
import { expect, test, type Workbench } from './workbench.ts';

const frames = join(root, '.test-artefacts', 'frames');

test.use({ viewport: { width: 1180, height: 740 }, bare: '# Notes\n' });

test('the panel, a drag, a run and its report', async ({ workbench, page }) => {
  test.setTimeout(600_000);
  rmSync(frames, { recursive: true, force: true });
  mkdirSync(frames, { recursive: true });
  await workbench.runCommand('Secateur: Use Sample Checkpoint');
  const panel = workbench.webview();
  await expect(panel.getByRole('button', { name: 'Prune', exact: true })).toBeEnabled({ timeout: 90_000 });
  await workbench.runCommand('View: Close Primary Side Bar');
  await panel.getByRole('button', { name: 'Measure', exact: true }).first().click();
  await expect(panel.getByRole('button', { name: 'Measure Again' })).toBeEnabled({ timeout: 120_000 });
  await dismissNotifications(workbench);
  await workbench.setTheme('dark');
  const film = startFilm(workbench);
  await film.hold(6);

  await panel.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'Sensitivity' });
  await film.hold(4);
  await panel
    .locator('secateur-heat-map')
    .first()
    .click({ position: { x: 600, y: 100 } });
  await film.hold(6);
  await page.screenshot({ path: join(root, 'media', 'panel.png') });
  await panel.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'Sparsity' });
  await drag(workbench, film, 'Target', 0.12);
  await drag(workbench, film, 'down_proj', -0.25);
  await film.hold(6);

  await panel.getByRole('button', { name: 'Prune', exact: true }).click();
  const done = workbench.notification('Open Report');
  while (!(await done.isVisible())) await film.hold(2);
  await film.hold(4);
  await workbench.openReportOfRun(15_000);
  await film.hold(14);
});

interface Film {
  /** Takes so many frames, a tenth of a second apart where the machine keeps up. */
  hold(count: number): Promise<void>;
}

function startFilm({ page }: Workbench): Film {
  let taken = 0;
  return {
    async hold(count) {
      for (let i = 0; i < count; i++) {
        await page.screenshot({ path: join(frames, `${String(taken++).padStart(4, '0')}.png`) });
        await page.waitForTimeout(50);
      }
    },
  };
}

/** Drags a slider by a share of its width, with a frame at every step. */
async function drag(workbench: Workbench, film: Film, name: string, by: number): Promise<void> {
  const { page } = workbench;
  const slider = workbench
    .webview()
    .getByRole('slider', { name: new RegExp(name) })
    .first();
  const box = (await slider.boundingBox())!;
  const value = Number(await slider.inputValue()) / Number(await slider.getAttribute('max'));
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + value * box.width, y);
  await page.mouse.down();
  for (let step = 1; step <= 8; step++) {
    await page.mouse.move(box.x + (value + (by * step) / 8) * box.width, y);
    await film.hold(1);
  }
  await page.mouse.up();
  await film.hold(4);
}

async function dismissNotifications(workbench: Workbench): Promise<void> {
  await workbench.runCommand('Notifications: Clear All Notifications');
  await workbench.page.waitForTimeout(500);
}
