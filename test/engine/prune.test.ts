import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeWeights, openCheckpoint } from '../../src/engine/checkpoint.ts';
import { readTensor } from '../../src/engine/target.ts';
import { hashFolder, runRecipe, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const quick = 'rounds: 2, windows: 3';
const recipes: [string, string][] = [
  ['isc', 'solve: { method: obs, score: { method: isc }}'],
  ['isc-released', 'solve: { method: obs, score: { method: isc-released }}'],
  ['gblm', 'solve: { method: mask, score: { method: gblm, windows: 2 }}'],
  ['wanda++', 'solve: { method: mask, score: { method: wanda++ }}'],
  ['regional', `solve: { method: regional, ${quick}, score: { method: wanda++ }, finish: { method: least-squares }}`],
];

/** Of every prunable linear, by its tensor. */
async function readWeights(folder: string): Promise<Map<string, Float32Array>> {
  const checkpoint = await openCheckpoint(folder);
  return new Map(
    checkpoint.linears.map(({ tensor, out, in: width }) => {
      const entry = checkpoint.tensors.get(tensor)!;
      return [tensor, decodeWeights(readTensor(checkpoint, entry), entry.type, out, width).data];
    }),
  );
}

async function readZeros(folder: string): Promise<{ zeros: number; weights: number; perGroup: number }> {
  let [zeros, weights, perGroup] = [0, 0, 0];
  for (const data of (await readWeights(folder)).values()) {
    weights += data.length;
    for (let at = 0; at < data.length; at += 4) {
      const own = data.subarray(at, at + 4).reduce((count, value) => count + Number(value === 0), 0);
      zeros += own;
      perGroup = Math.max(perGroup, 4 - own);
    }
  }
  return { zeros, weights, perGroup };
}

describe.each(recipes)('a run with %s', (name, more) => {
  it('has the zeros asked for, to one weight over the model, and the same bytes every time', async () => {
    const folder = temporaryFolder();
    const [once, twice] = [join(folder, 'once'), join(folder, 'twice')];
    await runRecipe(sampleRecipe({ to: once, sparsity: 'sparsity: 0.3337', more }));
    const { zeros, weights } = await readZeros(once);
    expect(zeros).toBe(Math.round(0.3337 * weights));
    await runRecipe(sampleRecipe({ to: twice, sparsity: 'sparsity: 0.3337', more }));
    expect(hashFolder(twice)['model.safetensors']).toBe(hashFolder(once)['model.safetensors']);
  });

  it('keeps 2 of every 4', async () => {
    const to = join(temporaryFolder(), name);
    await runRecipe(sampleRecipe({ to, sparsity: 'pattern: 2:4', more }));
    const { zeros, weights, perGroup } = await readZeros(to);
    expect([zeros, perGroup]).toEqual([weights / 2, 2]);
  });
});

describe('a run that was stopped', () => {
  it.each([
    ['gblm', 'block-sequential'],
    ['wanda++', 'true-sequential'],
    ['regional', 'block-sequential'],
    ['regional', 'dense'],
  ])('goes on with %s in %s flow, to the same bytes', async (name, flow) => {
    const more = recipes.find(([other]) => other === name)![1];
    const folder = temporaryFolder();
    const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')];
    await runRecipe(sampleRecipe({ to: whole, flow, more }));
    const controller = new AbortController();
    const onProgress = ({ step, done }: { step: string; done: number }) => {
      if (step === 'prune' && done > 2.2) controller.abort();
    };
    const changes = { signal: controller.signal, onProgress };
    await expect(runRecipe(sampleRecipe({ to: stopped, flow, more }), {}, changes)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(stopped)).toBe(false);
    const report = await runRecipe(sampleRecipe({ to: stopped, flow, more }));
    expect(report.resumed).toBe(1);
    expect(hashFolder(stopped)['model.safetensors']).toBe(hashFolder(whole)['model.safetensors']);
  });
});

describe('a solver that is handed whole blocks', () => {
  const solve = `solve: { method: regional, ${quick}, score: { method: wanda }}`;

  it.each(['block-sequential', 'dense'])('where it moves no weight prunes as its criterion alone does, in %s flow', async (flow) => {
    const folder = temporaryFolder();
    const [alone, together] = [join(folder, 'alone'), join(folder, 'together')];
    await runRecipe(sampleRecipe({ to: alone, flow, more: 'solve: { method: mask, score: { method: wanda }}' }));
    await runRecipe(
      sampleRecipe({ to: together, flow, more: 'solve: { method: regional, rounds: 1, windows: 1, rate: 0, score: { method: wanda }}' }),
    );
    const expected = await readWeights(alone);
    for (const [tensor, weights] of await readWeights(together)) {
      const same = weights.reduce((count, value, at) => count + Number(value === expected.get(tensor)![at]), 0);
      // Rounding may settle a near tie the other way.
      expect(same / weights.length, tensor).toBeGreaterThan(0.999);
    }
  });

  it('leaves matrices that are fixed at 0 as they are, a whole block of them too', async () => {
    const to = join(temporaryFolder(), 'pruned');
    const fixed = 'allocate: { fixed: { "*.q_proj": 0, "model.layers.1.*": 0 }}';
    const report = await runRecipe(sampleRecipe({ to, sparsity: 'sparsity: 0.4', more: `${fixed}\n${solve}` }));
    const [source, target] = await Promise.all([openCheckpoint(report.source.path), openCheckpoint(to)]);
    for (const { tensor, block, kind } of source.linears) {
      const [before, after] = [source, target].map((checkpoint) => readTensor(checkpoint, checkpoint.tensors.get(tensor)!));
      expect(Buffer.compare(before, after) === 0, tensor).toBe(kind === 'q_proj' || block === 1);
    }
  });

  it('never takes away a zero that the source has', async () => {
    const folder = temporaryFolder();
    const [once, twice] = [join(folder, 'once'), join(folder, 'twice')];
    await runRecipe(sampleRecipe({ to: once, sparsity: 'sparsity: 0.4', more: 'solve: { method: mask, score: { method: magnitude }}' }));
    const more = solve.replace('rounds: 2', 'rate: 0.01, rounds: 2');
    await runRecipe(sampleRecipe({ model: once, to: twice, sparsity: 'sparsity: 0.55', more }));
    const [before, after] = await Promise.all([readWeights(once), readWeights(twice)]);
    for (const [tensor, own] of before)
      expect(
        own.every((value, at) => value !== 0 || after.get(tensor)![at] === 0),
        tensor,
      ).toBe(true);
    const { zeros, weights } = await readZeros(twice);
    expect(zeros).toBe(Math.round(0.55 * weights));
  });
});
