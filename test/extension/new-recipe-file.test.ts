import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const editor = vi.hoisted(() => ({ opened: '', failure: undefined as string | undefined }));

vi.mock('vscode', () => ({
  Uri: { file: (fsPath: string) => ({ fsPath }) },
  workspace: {
    getWorkspaceFolder: ({ fsPath }: { fsPath: string }) => (`${fsPath}/`.startsWith(`${editor.opened}/`) ? {} : undefined),
  },
}));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const writeFile = async (...call: Parameters<typeof real.writeFile>) => {
    if (editor.failure) throw Object.assign(new Error(`${editor.failure}: refused`), { code: editor.failure });
    return real.writeFile(...call);
  };
  return { ...real, writeFile };
});

import { writeRecipe } from '../../src/extension/new-recipe-file.ts';
import type { Services } from '../../src/extension/services.ts';
import { methodChoices } from '../../src/extension/wizard-answers.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { temporaryFolder } from '../support/runs.ts';

const services = { inspections: { ask: async () => ({ message: 'not asked here', hint: null }) } } as unknown as Services;

function newModel(): string {
  const model = join(temporaryFolder(), 'tiny');
  mkdirSync(model);
  return model;
}

const write = (model: string) =>
  writeRecipe(services, { model, sparsity: 0.5, pattern: null, method: methodChoices()[0]!.id, text: 'default' });

beforeEach(() => Object.assign(editor, { opened: '', failure: undefined }));

describe('writeRecipe', () => {
  it('writes beside the checkpoint, and over nothing', async () => {
    const model = newModel();
    editor.opened = dirname(model);
    writeFileSync(`${model}.prune.yaml`, 'mine');
    const { fsPath } = await write(model);
    expect(fsPath).toBe(`${model}-2.prune.yaml`);
    expect(parseRecipe(readFileSync(fsPath, 'utf8')).recipe).toMatchObject({ model: './tiny' });
    expect(readFileSync(`${model}.prune.yaml`, 'utf8')).toBe('mine');
  });

  it('writes into a checkpoint that is the opened folder, with the result beside it under its name', async () => {
    const model = newModel();
    editor.opened = model;
    const { fsPath } = await write(model);
    expect(fsPath).toBe(join(model, 'tiny.prune.yaml'));
    const { recipe, problems } = parseRecipe(readFileSync(fsPath, 'utf8'));
    expect(problems).toEqual([]);
    expect(recipe!.model).toBe('.');
    expect(resolve(model, recipe!.save.to!)).toBe(`${model}-50-obs-least-squares`);
    expect(readdirSync(dirname(model))).toEqual(['tiny']);
  });

  it.each(['EACCES', 'EROFS'])('says that the place is not to be written where the system answers %s', async (failure) => {
    const model = newModel();
    editor.failure = failure;
    await expect(write(model)).rejects.toMatchObject({ code: 'FILE_DENIED', hint: expect.stringContaining(dirname(model)) });
  });
});
