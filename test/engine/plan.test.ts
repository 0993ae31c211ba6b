import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measure, measured } from '../../src/engine/measure.ts';
import { dryRun, resolveRecipe } from '../../src/engine/plan.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { testContext } from '../support/context.ts';
import { runRecipe, sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const resolved = (more: string, to = '/nowhere') => resolveRecipe(parseRecipe(sampleRecipe({ to, more })).recipe!, '/');
const fed = 'measure: { method: error-curve }\nallocate: { method: mixed }';

describe('a dry run', () => {
  it('waits for the measure where the allocator is fed, and shows the uniform budget until then', async () => {
    const uniform = await dryRun(resolved(''), testContext(), null);
    const waiting = await dryRun(resolved(fed), testContext(), null);
    expect([uniform.awaits, waiting.awaits]).toEqual([null, 'error-curve']);
    expect(waiting.matrices).toEqual(uniform.matrices);
    expect(waiting.needs.seconds).toBeGreaterThan(uniform.needs.seconds);
  });

  it('shows the budget of the run once the cache has what was measured', async () => {
    const folder = temporaryFolder();
    const recipe = resolved(fed, join(folder, 'pruned'));
    await measure(recipe, join(folder, 'cache'), testContext());
    const plan = await dryRun(recipe, testContext(), await measured(recipe, join(folder, 'cache')));
    expect(plan.awaits).toBeNull();
    const report = await runRecipe(sampleRecipe({ to: recipe.to, more: fed }));
    expect(plan.matrices.map(({ name, zeros, setBy }) => [name, zeros, setBy])).toEqual(
      report.matrices.map(({ name, zeros, setBy }) => [name, zeros, setBy]),
    );
  });

  it('counts the control in: twice the room, and more time', async () => {
    const evaluation = `evaluate: { text: ${sample}/evaluation.txt, length: 64, windows: 4`;
    const plan = (more: string) => dryRun(resolved(more), testContext(), null);
    const alone = await plan(`${fed}\n${evaluation} }`);
    const controlled = await plan(`${fed}\n${evaluation}, control: true }`);
    expect([alone.control, controlled.control]).toEqual([false, true]);
    expect(controlled.needs.diskBytes).toBeGreaterThan(1.7 * alone.needs.diskBytes);
    expect(controlled.needs.seconds).toBeGreaterThan(alone.needs.seconds);
    expect((await plan(`${evaluation}, control: true }`)).control).toBe(false);
  });
});
