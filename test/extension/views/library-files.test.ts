import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLibraryReader, modelOf } from '../../../src/extension/views/library-files.ts';
import { type Perplexity, parseReport, type Report } from '../../../src/protocol/report.ts';
import { parseRecipe } from '../../../src/recipe/parse.ts';
import { temporaryFolder } from '../../support/runs.ts';

function prepared() {
  const root = temporaryFolder();
  const model = join(root, 'model');
  const result = join(root, 'result');
  for (const folder of [model, result]) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.json'), '{}');
    writeFileSync(join(folder, 'model.safetensors'), '');
  }
  const report = join(result, 'secateur-report.json');
  writeFileSync(report, JSON.stringify(sampleReport(model)));
  const recipe = join(root, 'mine.prune.yaml');
  writeFileSync(recipe, 'model: ./model/\nsparsity: 0.25\n');
  const paths = [model, result].flatMap((folder) => [join(folder, 'config.json'), join(folder, 'model.safetensors')]);
  return { root, model, result, report, recipe, paths: [...paths, report, recipe] };
}

/** The least a report can hold. */
function sampleReport(source: string): Report {
  const perplexity = (value: number): Perplexity => ({
    perplexity: value,
    nll: Math.log(value),
    tokens: 9,
    windows: 1,
    length: 10,
    windowNll: [],
  });
  return {
    format: 1,
    secateur: '0.1.0',
    key: 'k',
    recipe: parseRecipe('model: ./model\nsparsity: 0.5\n').recipe!,
    source: { path: source, modelType: 'llama', parameters: 20, prunable: 10, files: [], zeros: 0 },
    output: { files: [], others: ['result.prune.yaml'] },
    sparsity: { asked: 0.5, achieved: 0.5, zeros: 5, prunable: 10 },
    calibration: { description: 'a text', windows: 1, length: 10, sha256: '', seed: 0, flow: 'dense' },
    evaluation: null,
    perplexity: { before: perplexity(30), after: perplexity(40) },
    matrices: [],
    steps: [],
    environment: { provider: 'cpu', threads: 1, node: 'v20', onnxruntime: '1', platform: 'linux-x64', cpu: 'one' },
    resumed: 0,
    notes: [],
  };
}

describe('what the files of a library say', () => {
  it('is the source and sparsity of a report, and the model and target of a recipe', async () => {
    const { model, result, recipe, paths } = prepared();
    const { reports, recipes, files } = await createLibraryReader().read(paths);
    expect(reports.get(result)).toEqual({
      source: model,
      sparsity: 0.5,
      perplexity: { before: 30, after: 40 },
      others: ['result.prune.yaml'],
    });
    expect(reports.has(model)).toBe(false);
    expect(recipes.get(recipe)).toEqual({ model, summary: '25 % · obs', nProblems: 0 });
    expect(files.checkpoints).toEqual([model, result]);
  });

  it('is taken from reports that are whole', () => {
    expect(parseReport(sampleReport('/m'))).toHaveProperty('report');
  });

  it('is read again when a file has changed, and only then', async () => {
    const { recipe, paths } = prepared();
    const reader = createLibraryReader();
    const first = await reader.read(paths);
    expect((await reader.read(paths)).recipes.get(recipe)).toBe(first.recipes.get(recipe));
    writeFileSync(recipe, 'model: ./result\npattern: "2:4"\nsolve: { method: mask, score: { method: wanda } }\n');
    utimesSync(recipe, new Date(), new Date(Date.now() + 5000));
    expect((await reader.read(paths)).recipes.get(recipe)).toMatchObject({ summary: '2:4 · mask' });
  });

  it('leaves out a recipe that is gone meanwhile', async () => {
    const { recipe, paths } = prepared();
    rmSync(recipe);
    const { files, recipes } = await createLibraryReader().read(paths);
    expect(files.recipes).toEqual([]);
    expect(recipes.size).toBe(0);
  });

  it('says why a report cannot be read', async () => {
    const { result, report, paths } = prepared();
    const { reports } = await createLibraryReader().read(paths);
    expect(reports.get(result)).toBeTypeOf('object');
    writeFileSync(report, '{ "format": 1 ');
    expect((await createLibraryReader().read(paths)).reports.get(result)).toBeTypeOf('string');
    writeFileSync(report, JSON.stringify({ ...sampleReport('/m'), format: 7 }));
    expect((await createLibraryReader().read(paths)).reports.get(result)).toMatch(/format/);
  });

  it('finds the checkpoint of a recipe that has problems elsewhere', async () => {
    const { model, recipe, paths } = prepared();
    writeFileSync(recipe, 'model: ./model\nsparsity: 7\nsolv: {}\n');
    const { recipes } = await createLibraryReader().read(paths);
    expect(recipes.get(recipe)).toEqual({ model, summary: null, nProblems: 2 });
  });

  it.each(['', '[', '- a', 'model: [a]', 'model:', 'other: 1'])('finds no model in %j', (text) => {
    expect(modelOf(text)).toBeNull();
  });
});
