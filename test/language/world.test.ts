import { cpSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import { sensitivityPath, writeSensitivity } from '../../src/engine/sensitivity-cache.ts';
import { analyse } from '../../src/language/analysis.ts';
import { createWorld, listFolder } from '../../src/language/world.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import { sample, temporaryFolder } from '../support/runs.ts';

function prepared() {
  const folder = temporaryFolder();
  cpSync(sample, join(folder, 'model'), { recursive: true });
  return folder;
}

describe('factsOf', () => {
  it('reads the checkpoint’s matrices, and what lies at the paths', async () => {
    const folder = prepared();
    mkdirSync(join(folder, 'out'));
    mkdirSync(join(folder, 'done'));
    writeFileSync(join(folder, 'done', 'secateur-report.json'), '{}');
    writeFileSync(join(folder, 'a.txt'), 'a');
    const text =
      'model: ./model\nsparsity: 0.5\ncalibrate: { text: [default, a.txt, b.txt] }\nevaluate: { text: ./done/ }\nsave: { to: out }';
    const facts = await createWorld().factsOf(analyse(text), folder, null);
    expect(facts.checkpoint).toMatchObject({ state: 'ready', modelType: 'llama', nBlocks: 6, maxLength: 256 });
    expect(facts.checkpoint.state === 'ready' && facts.checkpoint.slots.length).toBe(42);
    expect(Object.fromEntries(facts.found)).toEqual({
      './model': 'folder',
      'a.txt': 'file',
      'b.txt': 'absent',
      './done/': 'result',
      out: 'folder',
    });
  });

  it('looks at the output that nobody named', async () => {
    const { found } = await createWorld().factsOf(analyse('model: ./model\nsparsity: 0.5'), prepared(), null);
    expect(found.get('./model-50-obs')).toBe('absent');
  });

  it('keeps a checkpoint until its files change', async () => {
    const folder = prepared();
    const world = createWorld();
    const analysis = analyse('model: model\nsparsity: 0.5');
    const first = await world.factsOf(analysis, folder, null);
    expect((await world.factsOf(analysis, folder, null)).checkpoint).toBe(first.checkpoint);
    utimesSync(join(folder, 'model', 'config.json'), 1, 1);
    const second = await world.factsOf(analysis, folder, null);
    expect(second.checkpoint).not.toBe(first.checkpoint);
    expect(second.checkpoint).toEqual(first.checkpoint);
    rmSync(join(folder, 'model', 'model.safetensors'));
    expect((await world.factsOf(analysis, folder, null)).checkpoint).toMatchObject({ state: 'bad', code: 'FILE_MISSING' });
  });

  it('reads a checkpoint again whose missing shard has come, and any after it was told to forget', async () => {
    const folder = prepared();
    const model = join(folder, 'model');
    const shard = join(model, 'part.safetensors');
    renameSync(join(model, 'model.safetensors'), shard);
    writeFileSync(join(model, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: { a: 'part.safetensors' } }));
    renameSync(shard, `${shard}.away`);
    const world = createWorld();
    const read = async () => (await world.factsOf(analyse('model: model\nsparsity: 0.5'), folder, null)).checkpoint;
    expect((await read()).state).toBe('bad');
    renameSync(`${shard}.away`, shard);
    const first = await read();
    expect(first.state).toBe('ready');
    world.forget();
    expect(await read()).not.toBe(first);
  });

  it.each(['./nowhere', './a.txt', '"a\\0b"', `./${'x'.repeat(5000)}`])('says that %s is no checkpoint', async (model) => {
    const folder = prepared();
    writeFileSync(join(folder, 'a.txt'), 'a');
    const facts = await createWorld().factsOf(analyse(`model: ${model}\nsparsity: 0.5`), folder, null);
    expect(facts.checkpoint.state).toBe('bad');
  });

  it('finds what was measured before, of the recipe as it is written now', async () => {
    const folder = prepared();
    const cache = join(folder, '.secateur');
    const world = createWorld();
    const find = async (text: string, cacheFolder: string | null = cache) =>
      (await world.factsOf(analyse(`model: model\nsparsity: 0.5\n${text}`), folder, cacheFolder)).sensitivity;
    const measured = 'measure: { method: prior }';
    expect(await find(measured)).toBeNull();
    const source = await openCheckpoint(join(folder, 'model'));
    const { recipe } = analyse(`model: model\nsparsity: 0.5\n${measured}`);
    const sensitivity: Sensitivity = {
      method: 'prior',
      gives: 'value',
      unit: '',
      description: '',
      matrices: source.linears.map(({ tensor }, i) => ({ name: tensor, value: i })),
    };
    const path = await sensitivityPath(cache, { recipe: recipe!, calibrationText: ['default'] }, source);
    writeSensitivity(path, sensitivity);
    expect(await find(measured)).toEqual(sensitivity);
    expect(await find(measured)).toBe(await find(measured));
    expect(await find(measured, null)).toBeNull();
    expect(await find('measure: { method: error-curve }')).toBeNull();
    expect(await find('measure: { method: error-curve }\ncalibrate: { text: gone.txt }'), 'a text that is not there').toBeNull();
    writeFileSync(path, 'damaged');
    expect(await find(measured)).toBeNull();
  });

  it('knows nothing where there is no folder, or no model', async () => {
    expect((await createWorld().factsOf(analyse('model: ./model'), undefined, null)).checkpoint.state).toBe('unknown');
    expect((await createWorld().factsOf(analyse('sparsity: 1'), '/', null)).checkpoint.state).toBe('unknown');
  });
});

describe('listFolder', () => {
  it('has folders first, and nothing for what is none', async () => {
    const folder = prepared();
    writeFileSync(join(folder, 'a.txt'), 'a');
    expect(await listFolder(folder)).toEqual([
      { name: 'model', isFolder: true },
      { name: 'a.txt', isFolder: false },
    ]);
    expect(await listFolder(join(folder, 'nowhere'))).toEqual([]);
  });
});
