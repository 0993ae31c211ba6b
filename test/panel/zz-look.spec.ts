/** Scratch. */
import { test } from '@playwright/test';
import { openBudget } from './fixtures/budget-page.ts';
import { budgetState, inspectionOf, recipe } from './fixtures/budget-model.ts';
test('look', async ({ page }) => {
  const ins = inspectionOf(30);
  const matrices = ins.matrices.slice(0, 60).map(({ name }, i) => ({ name, zeros: 10, relativeError: 0.01 * 1.05 ** i, maskOnlyError: 0.02, damping: 0.01 }));
  const run = { kind: 'prune' as const, state: 'running' as const, progress: { step: 'prune' as const, done: 8.5, total: 30, unit: 'blocks' as const, detail: 'model.layers.8.mlp.up_proj' }, startedMs: Date.now() - 60000, message: null, hint: null, matrices };
  const one = async (name: string, theme: 'dark'|'light'|'hc-dark'|'hc-light', state: object, kept: object, act?: (p: any, h: any) => Promise<void>, size = { width: 1280, height: 800 }) => {
    const p = await page.context().newPage();
    await p.setViewportSize(size);
    const h = await openBudget(p, budgetState(ins, state), theme, kept);
    await p.waitForTimeout(400);
    await act?.(p, h);
    await p.waitForTimeout(500);
    await p.screenshot({ path: `/tmp/look/${name}.png`, fullPage: true });
    await p.close();
  };
  const sel = ins.matrices.slice(8, 11).map((m) => m.name);
  await one('running', 'dark', { run }, { shown: 'measured', selection: sel, active: sel[0] });
  await one('predicted', 'light', {}, { shown: 'predicted', selection: sel, active: sel[0], open: ['Kinds', 'Blocks'] }, async (p) => { await p.getByRole('gridcell').focus(); await p.keyboard.press('ArrowRight'); });
  await one('hcsel', 'hc-dark', {}, { shown: 'rank', selection: sel, active: sel[0] }, async (p) => { await p.getByRole('gridcell').focus(); await p.keyboard.press('ArrowRight'); });
  await one('stale', 'hc-light', { run: null, sensitivity: null }, {}, async (p, h) => { await h.set({ text: recipe.replace('0.5', 'lots'), version: 2 }); });
  await one('infeasible', 'light', { text: recipe.replace('0.5', '0.97'), sensitivity: null, trusted: false }, { shown: 'zeros' }, undefined, { width: 640, height: 400 });
  await one('missing', 'dark', { checkpoint: { state: 'missing', path: './gone' } }, {}, undefined, { width: 640, height: 400 });
});
