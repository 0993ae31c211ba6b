import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import type { Context } from '../../src/engine/context.ts';
import { measure, measured } from '../../src/engine/measure.ts';
import { type ResolvedRecipe, resolveRecipe, slotsOf } from '../../src/engine/plan.ts';
import type { Progress } from '../../src/protocol/data.ts';
import { awaitedMeasure, makeBudget } from '../../src/recipe/budget.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { testContext } from '../support/context.ts';
import { sample, temporaryFolder } from '../support/runs.ts';

/** A search of a few small generations on the sample; all of them on the same window. */
function recipe(generations: number, sparsity = 0.6): ResolvedRecipe {
  const text = [
    `model: ${sample}`,
    `sparsity: ${sparsity}`,
    `calibrate: { text: ${sample}/calibration.txt, samples: 1, length: 64, seed: 3 }`,
    `measure: { method: search, generations: ${generations}, offspring: 4, windows: 1, length: 64 }`,
    'allocate: { method: search }',
    'solve: { method: mask, score: { method: wanda } }',
    'save: { to: /nowhere }',
    '',
  ].join('\n');
  return resolveRecipe(parseRecipe(text).recipe!, '/');
}

const values = ({ matrices }: { readonly matrices: readonly { readonly value: number }[] }) => matrices.map(({ value }) => value);
const stateIn = (cache: string) => {
  const [name] = readdirSync(cache).filter((file) => file.startsWith('state-'));
  return JSON.parse(readFileSync(join(cache, name!), 'utf8')) as { kl: number; generation: number };
};

/** Stops when that generation begins. */
function stoppedAt(generation: number): Partial<Context> {
  const controller = new AbortController();
  const onProgress = ({ detail }: Progress) => detail.startsWith(`generation ${generation},`) && controller.abort();
  return { signal: controller.signal, onProgress };
}

it('lowers the loss of the budgets it starts from at the same total, in a few generations', async () => {
  const cache = join(temporaryFolder(), 'cache');
  const told: Progress[] = [];
  const onProgress = (progress: Progress) => told.push(progress);
  const found = await measure(recipe(6), cache, testContext({ onProgress }));
  const [first] = told.flatMap(({ detail }) => /^known budgets; the best is \w+, KL (.*)$/.exec(detail)?.[1] ?? []);
  expect(stateIn(cache).kl).toBeLessThan(Number(first));
  const { recipe: asked } = recipe(6);
  const slots = slotsOf(await openCheckpoint(sample));
  const budget = makeBudget(asked, slots, {}, found);
  expect(awaitedMeasure(asked, found)).toBeNull();
  expect(budget.map(({ zeros }, i) => 1 - zeros / (slots[i]!.out * slots[i]!.in))).toEqual(
    values(found).map((value) => expect.closeTo(value, 12)),
  );
  const uniform = makeBudget({ ...asked, allocate: { ...asked.allocate, method: 'uniform' } }, slots);
  expect(budget.reduce((sum, { zeros }) => sum + zeros, 0)).toBe(uniform.reduce((sum, { zeros }) => sum + zeros, 0));
  const done = told.filter(({ step }) => step === 'measure').map((progress) => progress.done);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
});

it('leaves what it has found when it is stopped, and goes on from there to the same end', async () => {
  const cache = join(temporaryFolder(), 'cache');
  const whole = await measure(recipe(3), undefined, testContext());
  await expect(measure(recipe(3), cache, testContext(stoppedAt(3)))).rejects.toMatchObject({ code: 'CANCELLED' });
  const begun = (await measured(recipe(3), cache))!;
  expect(begun).toMatchObject({ method: 'search', gives: 'share kept', unfinished: true });
  expect(stateIn(cache).generation).toBe(2);
  const details: string[] = [];
  const onProgress = ({ detail }: Progress) => details.push(detail);
  const resumed = await measure(recipe(3), cache, testContext({ onProgress }));
  expect(values(resumed)).toEqual(values(whole));
  expect(details.some((detail) => /^(known|generation [12],)/.test(detail))).toBe(false);
  expect(await measured(recipe(3), cache)).toEqual(resumed);
  // A longer one goes on from its end.
  await measure(recipe(4), cache, testContext());
  expect(stateIn(cache).generation).toBe(4);
});

it('counts for its own sparsity alone, and takes damaged states and solved matrices for none', async () => {
  const cache = join(temporaryFolder(), 'cache');
  const found = await measure(recipe(1), cache, testContext());
  expect(await measured(recipe(1, 0.5), cache)).toBeNull();
  const [grams] = readdirSync(cache).filter((file) => file.startsWith('grams-'));
  const [solved] = readdirSync(join(cache, grams!)).filter((file) => file.startsWith('solved-'));
  const files = readdirSync(join(cache, grams!, solved!));
  expect(files.length).toBeGreaterThan(2 * 42);
  for (const file of files) {
    const path = join(cache, grams!, solved!, file);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1));
  }
  for (const file of readdirSync(cache)) if (file.endsWith('.json')) writeFileSync(join(cache, file), '{"zeros": [');
  expect(values(await measure(recipe(1), cache, testContext()))).toEqual(values(found));
});

it('leaves no scratch files behind where nothing may be kept', async () => {
  const scratchFolder = temporaryFolder();
  await measure(recipe(1), undefined, testContext({ scratchFolder }));
  expect(readdirSync(scratchFolder)).toEqual([]);
});

it('finds the same where the cache folder cannot be written, and says that nothing is kept', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const lines: string[] = [];
  const found = await measure(recipe(1), join(file, 'cache'), testContext({ log: (line) => lines.push(line) }));
  expect(values(found)).toEqual(values(await measure(recipe(1), undefined, testContext())));
  expect(lines.join()).toMatch(/Grams could not be kept for later measures.*ENOTDIR/);
  expect(lines.join()).toMatch(/kept until this measure ends/);
  expect(lines.join()).toMatch(/found on the way could not be kept.*ENOTDIR/);
});

it('starts from the curves of a measure of losses that was done before on the same text', async () => {
  const cache = join(temporaryFolder(), 'cache');
  const { recipe: asked, ...paths } = recipe(1);
  const measureStep = parseRecipe(`model: ${sample}\nsparsity: 0.5\nmeasure: { method: fisher-error }\n`).recipe!.measure;
  await measure({ ...paths, recipe: { ...asked, measure: measureStep } }, cache, testContext());
  const trials: string[] = [];
  await measure(recipe(1), cache, testContext({ onProgress: ({ detail }) => trials.push(detail) }));
  expect(trials.some((detail) => detail.includes('the best is curves of fisher-error'))).toBe(true);
});
