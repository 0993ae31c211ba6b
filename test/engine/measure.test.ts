import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import type { Context } from '../../src/engine/context.ts';
import { measure, measured } from '../../src/engine/measure.ts';
import { type ResolvedRecipe, resolveRecipe } from '../../src/engine/plan.ts';
import { sensitivityPath } from '../../src/engine/sensitivity-cache.ts';
import { measures } from '../../src/methods/measure/index.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import type { Progress } from '../../src/protocol/data.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { testContext } from '../support/context.ts';
import { runRecipe, sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

function resolved(changes: Partial<Parameters<typeof sampleRecipe>[0]> = {}): ResolvedRecipe {
  return resolveRecipe(parseRecipe(sampleRecipe({ to: '/nowhere', ...changes })).recipe!, '/');
}

const measureSample = (changes: Partial<Context> = {}) => measure(resolved(), undefined, testContext(changes));

describe('measure', () => {
  it('finds an error curve of every matrix, in the order of the checkpoint, whose value is the error at the recipe’s sparsity', async () => {
    const { method, matrices, description } = await measureSample();
    expect(method).toBe('error-curve');
    expect(description).toMatch(/calibration\.txt: 6 windows of 64 tokens/);
    expect(matrices).toHaveLength(42);
    expect(matrices[0].name).toBe('model.layers.0.self_attn.q_proj.weight');
    for (const { value, curve } of matrices) expect(value).toBe(curve!.find(({ sparsity }) => sparsity === 0.5)!.error);
  });

  it('ranks the matrices about as the errors of a run do', async () => {
    const { matrices } = await measureSample();
    const report = await runRecipe(sampleRecipe({ to: join(temporaryFolder(), 'pruned') }));
    const values = matrices.map(({ value }) => value);
    const errors = matrices.map(({ name }) => report.matrices.find((matrix) => matrix.name === name)!.relativeError);
    expect(rankCorrelation(values, errors)).toBeGreaterThan(0.8);
  });

  it('tells how far it is, and can be stopped', async () => {
    const told: Progress[] = [];
    await measureSample({ onProgress: (progress) => told.push(progress) });
    const steps = told.filter(({ step }) => step === 'measure').map(({ done, total }) => done / total);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps.at(-1)).toBe(1);
    const controller = new AbortController();
    const onProgress = ({ step, done }: Progress) => step === 'measure' && done > 0.2 && controller.abort();
    await expect(measureSample({ signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('measures the unpruned model whatever the flow of the run is', async () => {
    const [a, b] = [await measureSample(), await measure(resolved({ flow: 'true-sequential' }), undefined, testContext())];
    expect(b.matrices).toEqual(a.matrices);
  });

  it('names a matrix that is not made of numbers', async () => {
    const model = join(temporaryFolder(), 'model');
    cpSync(sample, model, { recursive: true });
    const path = join(model, 'model.safetensors');
    const bytes = readFileSync(path);
    const header = Number(bytes.readBigUInt64LE(0));
    const { data_offsets: place, dtype } = JSON.parse(bytes.toString('utf8', 8, 8 + header))['model.layers.2.mlp.up_proj.weight'];
    bytes.fill(0xff, 8 + header + place[0], 8 + header + place[0] + (dtype === 'F32' ? 4 : 2));
    writeFileSync(path, bytes);
    await expect(measure(resolved({ model }), undefined, testContext())).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringContaining('model.layers.2.mlp.up_proj.weight'),
    });
  });
});

describe('the cache of sensitivities', () => {
  const untouched = testContext({
    onProgress: () => {
      throw new Error('it was measured again');
    },
  });

  it('has what was measured, and gives it at any sparsity without measuring again', async () => {
    const cache = join(temporaryFolder(), 'cache');
    expect(await measured(resolved(), cache)).toBeNull();
    const found = await measure(resolved(), cache, testContext());
    expect(await measured(resolved(), cache)).toEqual(found);
    expect(await measure(resolved(), cache, untouched)).toEqual(found);
    const sparser = (await measured(resolved({ sparsity: 'sparsity: 0.3' }), cache)) as Sensitivity;
    for (const { value, curve } of sparser.matrices) expect(value).toBe(curve!.find(({ sparsity }) => sparsity === 0.3)!.error);
    expect(readFileSync(join(cache, '.gitignore'), 'utf8')).toBe('*\n');
    expect(readdirSync(cache).filter((name) => !name.startsWith('grams-'))).toHaveLength(2);
  });

  it('has nothing for another checkpoint, text, draw or damping', async () => {
    const folder = temporaryFolder();
    const model = join(folder, 'model');
    cpSync(sample, model, { recursive: true });
    const text = join(folder, 'text.txt');
    cpSync(join(sample, 'calibration.txt'), text);
    const cache = join(folder, 'cache');
    const recipe = (text_ = text, more = '') =>
      resolveRecipe(
        parseRecipe(
          `model: ${model}\nsparsity: 0.5\ncalibrate: { text: ${text_}, samples: 2, length: 32${more} }\nsave: { to: /nowhere }\n`,
        ).recipe!,
        '/',
      );
    const damped = resolveRecipe({ ...recipe().recipe, solve: { ...recipe().recipe.solve, damping: 0.2 } }, '/');
    await measure(recipe(), cache, testContext());
    expect(await measured(recipe(), cache)).not.toBeNull();
    expect(await measured(recipe(join(sample, 'evaluation.txt')), cache)).toBeNull();
    expect(await measured(recipe(text, ', seed: 1'), cache)).toBeNull();
    expect(await measured(damped, cache)).toBeNull();
    appendFileSync(text, ' more');
    expect(await measured(recipe(), cache)).toBeNull();
    await measure(recipe(), cache, testContext());
    writeFileSync(join(model, 'config.json'), `${readFileSync(join(model, 'config.json'), 'utf8')}\n`);
    expect(await measured(recipe(), cache)).toBeNull();
  });

  it('takes a damaged file for none', async () => {
    const cache = join(temporaryFolder(), 'cache');
    await measure(resolved(), cache, testContext());
    const [name] = readdirSync(cache).filter((file) => file.endsWith('.json'));
    const whole = readFileSync(join(cache, name), 'utf8');
    const { format, sensitivity } = JSON.parse(whole);
    const edited = (changes: object) => JSON.stringify({ format, sensitivity: { ...sensitivity, ...changes } });
    const [first, ...others] = sensitivity.matrices;
    for (const damage of [
      '{"matrices": [',
      '[]',
      'null',
      JSON.stringify(sensitivity),
      JSON.stringify({ format: format + 1, sensitivity }),
      edited({ matrices: others }),
      edited({ matrices: [{ ...first, name: 'another' }, ...others] }),
      edited({ matrices: [{ ...first, value: '0.1' }, ...others] }),
      edited({ matrices: [{ ...first, curve: [] }, ...others] }),
      edited({ method: 'prior' }),
    ]) {
      writeFileSync(join(cache, name), damage);
      expect(await measured(resolved(), cache), damage.slice(0, 80)).toBeNull();
    }
    await measure(resolved(), cache, testContext());
    expect(JSON.parse(readFileSync(join(cache, name), 'utf8')).sensitivity.matrices).toEqual(sensitivity.matrices);
    rmSync(cache, { recursive: true });
    expect(await measured(resolved(), cache)).toBeNull();
  });

  it('goes by the text only where that is read, and by the solve step only where that is used', async () => {
    const source = await openCheckpoint(sample);
    const path = (method: string, more = '', changes: { seed?: number; flow?: string } = {}) => {
      const { seed = 3, flow = 'dense' } = changes;
      const text = sampleRecipe({ to: '/nowhere', flow, more: `measure: { method: ${method} }\n${more}` }).replace(
        'seed: 3',
        `seed: ${seed}`,
      );
      return sensitivityPath('/cache', resolveRecipe(parseRecipe(text).recipe!, '/'), source);
    };
    const solve = 'solve: { method: mask, score: { method: wanda }}';
    expect(await path('prior', '', { seed: 4 })).toBe(await path('prior'));
    expect(await path('fisher', '', { seed: 4 })).not.toBe(await path('fisher'));
    expect(await path('fisher', solve, { flow: 'true-sequential' })).toBe(await path('fisher'));
    expect(await path('scan', solve)).not.toBe(await path('scan'));
    expect(new Set(await Promise.all(['prior', 'fisher', 'scan'].map((method) => path(method)))).size).toBe(3);
  });

  it('that cannot be written loses nothing but itself', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const lines: string[] = [];
    const recipe = resolved({ more: 'measure: { method: prior }' });
    const { matrices } = await measure(recipe, join(file, 'cache'), testContext({ log: (line) => lines.push(line) }));
    expect(matrices).toHaveLength(42);
    expect(lines.join()).toMatch(/could not be kept.*ENOTDIR/);
  });
});

describe('what a measure of the model gives', () => {
  const fisher = resolved({ more: 'measure: { method: fisher }' });

  it('is refused, by the name of the matrix, where it is no number', async () => {
    const found = Array.from({ length: 42 }, (_, i) => ({ value: i === 1 ? Number.NaN : 1 }));
    using _spy = vi.spyOn(measures.fisher, 'measureModel').mockResolvedValue({ measured: found });
    await expect(measure(fisher, undefined, testContext())).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: 'model.layers.0.self_attn.k_proj.weight: the sensitivity that was measured is NaN',
    });
  });

  it('cannot come of the solve step unless its card says so', async () => {
    using _spy = vi.spyOn(measures.fisher, 'measureModel').mockImplementation(async (lab) => {
      await lab.prune({} as never, 0.5);
      return { measured: [] };
    });
    await expect(measure(fisher, undefined, testContext())).rejects.toThrow(/Fisher.* does not say that it prunes/);
  });
});

/** Spearman's, for lists without ties. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranks = (values: readonly number[]) => values.map((value) => values.filter((other) => other < value).length);
  const [ra, rb] = [ranks(a), ranks(b)];
  const n = a.length;
  return 1 - (6 * ra.reduce((sum, rank, i) => sum + (rank - rb[i]) ** 2, 0)) / (n * (n * n - 1));
}
