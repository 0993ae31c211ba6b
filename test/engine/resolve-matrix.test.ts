import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHandlers } from '../../src/engine/handlers.ts';
import { measure } from '../../src/engine/measure.ts';
import { resolveRecipe } from '../../src/engine/plan.ts';
import { resolveMatrix } from '../../src/engine/resolve-matrix.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { testContext } from '../support/context.ts';
import { runRecipe, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const matrix = 'model.layers.4.mlp.up_proj.weight';
const size = 128 * 352;

const recipeText = (more = '', to = '/nowhere') => sampleRecipe({ to, more, flow: 'dense' });
const resolved = (more = '', changes: Partial<Parameters<typeof sampleRecipe>[0]> = {}) =>
  resolveRecipe(parseRecipe(sampleRecipe({ to: '/nowhere', more, flow: 'dense', ...changes })).recipe!, '/');

async function measuredCache(): Promise<string> {
  const cache = join(temporaryFolder(), 'cache');
  await measure(resolved(), cache, testContext());
  return cache;
}

describe('a matrix that is solved alone', () => {
  it('comes out as in a run on the states of the dense model, with whatever methods the recipe names', async () => {
    const cache = await measuredCache();
    for (const more of ['', 'solve: { method: mask, score: { method: wanda }, finish: { method: least-squares } }']) {
      const report = await runRecipe(recipeText(more, join(temporaryFolder(), 'pruned')));
      const expected = report.matrices.find(({ name }) => name === matrix)!;
      const { seconds, ...solved } = (await resolveMatrix(resolved(more), { matrix, sparsity: expected.sparsity }, cache, testContext()))!;
      const { zeros, relativeError, maskOnlyError, damping } = expected;
      expect(solved).toEqual({ name: matrix, zeros, relativeError, maskOnlyError, damping, isStandIn: false });
      expect(seconds).toBeLessThan(5);
    }
  });

  it('has the zeros of any sparsity that is asked for, or those of the pattern', async () => {
    const cache = await measuredCache();
    const zerosAt = async (sparsity: number, recipe = resolved()) =>
      (await resolveMatrix(recipe, { matrix, sparsity }, cache, testContext()))!.zeros;
    expect(await zerosAt(0.8)).toBe(Math.round(0.8 * size));
    expect(await zerosAt(0)).toBe(0);
    const pattern = resolved('', { sparsity: 'pattern: "2:4"' });
    expect(await zerosAt(0.1, pattern)).toBe(size / 2);
    expect(await zerosAt(0, pattern)).toBe(0);
  });

  it('is solved by the default where the recipe’s solver takes gradients, and says so', async () => {
    const cache = await measuredCache();
    const solve = (more: string) => resolveMatrix(resolved(more), { matrix, sparsity: 0.5 }, cache, testContext());
    const standIn = (await solve('solve: { score: { method: gblm } }'))!;
    expect(standIn).toEqual({ ...(await solve('')), seconds: expect.any(Number), isStandIn: true });
  });

  it('is none where no Grams of this text are kept, or none shall be', async () => {
    const cache = await measuredCache();
    const at = (draw: string, changes = {}) => {
      const text = recipeText().replace('seed: 3', draw);
      return resolveMatrix(resolveRecipe(parseRecipe(text).recipe!, '/'), { matrix, sparsity: 0.5 }, cache, testContext(changes));
    };
    expect(await at('seed: 3')).not.toBeNull();
    expect(await at('seed: 4')).toBeNull();
    expect(await at('seed: 3', { gramCacheBytes: 0 })).toBeNull();
  });

  it('is refused by a name that is none, and by a sparsity that is none', async () => {
    const solve = (name: string, sparsity: number) => resolveMatrix(resolved(), { matrix: name, sparsity }, '/nowhere', testContext());
    await expect(solve('model.embed_tokens.weight', 0.5)).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: expect.stringMatching(/embed_tokens/),
    });
    await expect(solve(matrix, 1.5)).rejects.toMatchObject({ code: 'BAD_ARGUMENT', message: expect.stringMatching(/1\.5/) });
  });

  it('can be asked of the engine, and be stopped', async () => {
    const cacheFolder = await measuredCache();
    const handlers = createHandlers(() => {});
    const request = { text: recipeText(), folder: '/', cacheFolder, compute: { threads: 1 }, matrix, sparsity: 0.5 };
    const solved = await handlers.resolve(request, new AbortController().signal);
    expect(solved).toMatchObject({ name: matrix, zeros: size / 2 });
    await expect(handlers.resolve(request, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
