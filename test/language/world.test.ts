import { cpSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/language/analysis.ts';
import { createWorld, listFolder } from '../../src/language/world.ts';
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
    const facts = await createWorld().factsOf(analyse(text), folder);
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
    const { found } = await createWorld().factsOf(analyse('model: ./model\nsparsity: 0.5'), prepared());
    expect(found.get('./model-50-obs')).toBe('absent');
  });

  it('keeps a checkpoint until its files change', async () => {
    const folder = prepared();
    const world = createWorld();
    const analysis = analyse('model: model\nsparsity: 0.5');
    const first = await world.factsOf(analysis, folder);
    expect((await world.factsOf(analysis, folder)).checkpoint).toBe(first.checkpoint);
    utimesSync(join(folder, 'model', 'config.json'), 1, 1);
    const second = await world.factsOf(analysis, folder);
    expect(second.checkpoint).not.toBe(first.checkpoint);
    expect(second.checkpoint).toEqual(first.checkpoint);
    rmSync(join(folder, 'model', 'model.safetensors'));
    expect((await world.factsOf(analysis, folder)).checkpoint).toMatchObject({ state: 'bad', code: 'FILE_MISSING' });
  });

  it('reads a checkpoint again whose missing shard has come, and any after it was told to forget', async () => {
    const folder = prepared();
    const model = join(folder, 'model');
    const shard = join(model, 'part.safetensors');
    renameSync(join(model, 'model.safetensors'), shard);
    writeFileSync(join(model, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: { a: 'part.safetensors' } }));
    renameSync(shard, `${shard}.away`);
    const world = createWorld();
    const read = async () => (await world.factsOf(analyse('model: model\nsparsity: 0.5'), folder)).checkpoint;
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
    const facts = await createWorld().factsOf(analyse(`model: ${model}\nsparsity: 0.5`), folder);
    expect(facts.checkpoint.state).toBe('bad');
  });

  it('knows nothing where there is no folder, or no model', async () => {
    expect((await createWorld().factsOf(analyse('model: ./model'), undefined)).checkpoint.state).toBe('unknown');
    expect((await createWorld().factsOf(analyse('sparsity: 1'), '/')).checkpoint.state).toBe('unknown');
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
