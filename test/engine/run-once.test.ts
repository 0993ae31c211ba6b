import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../src/protocol/data.ts';
import { parseReport } from '../../src/protocol/report.ts';
import { hashFolder, runRecipe, sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const fed = 'measure: { method: error-curve }\nallocate: { method: mixed, spread: 0.2, fixed: { "*.k_proj": 0.1 }}';

/** Stops the run at the first progress for which `when` holds; counts how often it measured. */
function stopping(when: (progress: Progress) => boolean) {
  const controller = new AbortController();
  const seen = { measured: 0 };
  const onProgress = (progress: Progress) => {
    if (progress.step === 'measure') seen.measured++;
    if (when(progress)) controller.abort();
  };
  return { seen, lent: { signal: controller.signal, onProgress } };
}

describe('a run whose allocator is fed', () => {
  it('measures first, and gives more sensitive matrices less sparsity under the same exact total', async () => {
    const to = join(temporaryFolder(), 'pruned');
    const found: string[] = [];
    const report = await runRecipe(sampleRecipe({ to, more: fed }), { onFound: (matrices) => found.push(...matrices.map((m) => m.name)) });
    expect(report.sparsity.zeros).toBe(report.sparsity.prunable / 2);
    expect(report.measure).toMatchObject({ method: 'error-curve', gives: 'output error', unit: 'of the output' });
    expect(found).toEqual(report.matrices.map(({ name }) => name));
    const free = report.matrices.filter(({ setBy }) => setBy === 'mixed');
    expect(free).toHaveLength(36);
    const bySensitivity = free.toSorted((a, b) => a.sensitivity!.rank - b.sensitivity!.rank);
    const sparsities = bySensitivity.map(({ sparsity }) => sparsity);
    expect(sparsities).toEqual(sparsities.toSorted((a, b) => a - b));
    expect(sparsities.at(-1)! - sparsities[0]).toBeGreaterThan(0.3);
    expect(bySensitivity[0].sensitivity!.value).toBeGreaterThan(bySensitivity.at(-1)!.sensitivity!.value);
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual({ report });
  });

  it('goes on after it was stopped with the same bytes, and does not measure again though there is no cache', async () => {
    const folder = temporaryFolder();
    const whole = join(folder, 'whole');
    const stopped = join(folder, 'stopped');
    await runRecipe(sampleRecipe({ to: whole, more: fed }));
    const first = stopping(({ step, done }) => step === 'prune' && done > 2);
    await expect(runRecipe(sampleRecipe({ to: stopped, more: fed }), {}, first.lent)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(first.seen.measured).toBeGreaterThan(0);
    const second = stopping(() => false);
    expect((await runRecipe(sampleRecipe({ to: stopped, more: fed }), {}, second.lent)).resumed).toBe(1);
    expect(second.seen.measured).toBe(0);
    const { 'stopped.prune.yaml': _a, ...files } = hashFolder(stopped);
    const { 'whole.prune.yaml': _b, ...expected } = hashFolder(whole);
    expect(files).toEqual(expected);
  });

  it('takes what the cache has, with the same bytes', async () => {
    const folder = temporaryFolder();
    const cacheFolder = join(folder, 'cache');
    await runRecipe(sampleRecipe({ to: join(folder, 'a'), more: fed }), { cacheFolder });
    const { seen, lent } = stopping(() => false);
    await runRecipe(sampleRecipe({ to: join(folder, 'b'), more: fed }), { cacheFolder }, lent);
    expect(seen.measured).toBe(0);
    expect(hashFolder(join(folder, 'b'))['model.safetensors']).toBe(hashFolder(join(folder, 'a'))['model.safetensors']);
    rmSync(cacheFolder, { recursive: true });
    await runRecipe(sampleRecipe({ to: join(folder, 'c'), more: fed }), { cacheFolder }, lent);
    expect(seen.measured).toBeGreaterThan(0);
  });

  it('is another run where it is measured in another way', async () => {
    const to = join(temporaryFolder(), 'pruned');
    const key = async (more: string) => (await runRecipe(sampleRecipe({ to, more }), { fresh: true })).key;
    const prior = fed.replace('error-curve', 'prior');
    expect(await key(fed)).not.toBe(await key(prior));
  });
});

it('a run whose allocator is fed by nothing does not measure, and is the same run however it would', async () => {
  const to = join(temporaryFolder(), 'pruned');
  const { seen, lent } = stopping(() => false);
  const report = await runRecipe(sampleRecipe({ to }), {}, lent);
  expect(report).not.toHaveProperty('measure');
  expect(report.matrices[0]).not.toHaveProperty('sensitivity');
  const again = await runRecipe(sampleRecipe({ to, more: 'measure: { method: error-curve }' }), {}, lent);
  expect(again).toEqual(report);
  expect(seen.measured).toBe(0);
});

it('a run with a pattern does not measure either, since that leaves nothing to allocate', async () => {
  const to = join(temporaryFolder(), 'pruned');
  const { seen, lent } = stopping(() => false);
  const more = `measure: { method: error-curve }\nallocate: { method: uniform }\nevaluate: { text: ${sample}/evaluation.txt, length: 64, windows: 2 }`;
  await runRecipe(sampleRecipe({ to, sparsity: 'pattern: 2:4', more }), {}, lent);
  expect(seen.measured).toBe(0);
});
