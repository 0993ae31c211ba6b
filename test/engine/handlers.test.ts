import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createHandlers } from '../../src/engine/handlers.ts';
import type { JobEvent } from '../../src/protocol/engine.ts';
import { sampleRecipe, temporaryFolder } from '../support/runs.ts';

it('a prune whose allocator is fed tells what it finds of the matrices, and shares the cache with a measure and a plan', async () => {
  const events: JobEvent[] = [];
  const handlers = createHandlers((_job, event) => events.push(event));
  const folder = temporaryFolder();
  const cacheFolder = join(folder, 'cache');
  const compute = { threads: 1 };
  const more = 'measure: { method: error-curve }\nallocate: { method: mixed }';
  const recipe = { text: sampleRecipe({ to: join(folder, 'pruned'), more }), folder, cacheFolder, compute };
  const { signal } = new AbortController();
  expect((await handlers.plan(recipe, signal)).awaits).toBe('error-curve');
  const report = await handlers.prune({ ...recipe, job: 'prune', fresh: false }, signal);
  const found = events.flatMap((event) => (event.type === 'sensitivities' ? [event.matrices] : []));
  expect(found.map((matrices) => matrices.length)).toEqual([7, 7, 7, 7, 7, 7]);
  const sensitivity = await handlers.measured(recipe, signal);
  expect(found.flat()).toEqual(sensitivity!.matrices);
  const plan = await handlers.plan(recipe, signal);
  expect(plan.awaits).toBeNull();
  expect(plan.matrices.map(({ zeros }) => zeros)).toEqual(report.matrices.map(({ zeros }) => zeros));
});

it('a measure that is asked for again keeps the Grams that one matrix is solved with, whatever it found them for', async () => {
  const handlers = createHandlers(() => {});
  const folder = temporaryFolder();
  const cacheFolder = join(folder, 'cache');
  const recipe = {
    text: sampleRecipe({ to: join(folder, 'pruned'), more: 'measure: { method: prior }' }),
    folder,
    cacheFolder,
    compute: { threads: 1 },
  };
  const { signal } = new AbortController();
  const first = await handlers.measure({ ...recipe, job: 'measure' }, signal);
  const wished = { ...recipe, matrix: first.matrices[9].name, sparsity: 0.5 };
  expect(await handlers.resolve(wished, signal)).toBeNull();
  expect(await handlers.measure({ ...recipe, job: 'again' }, signal)).toEqual(first);
  expect(await handlers.resolve(wished, signal)).toMatchObject({ name: wished.matrix, isStandIn: false });
});
