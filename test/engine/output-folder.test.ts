import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPlace, checkReplace, partialOf, publish } from '../../src/engine/output-folder.ts';
import { reportFileName } from '../../src/protocol/file-names.ts';
import { hashFolder, runRecipe, sampleRecipe, temporaryFolder } from '../support/runs.ts';

describe('checkPlace', () => {
  it('refuses to write where it reads and to write into the model, also through links, and changes nothing', () => {
    const folder = temporaryFolder();
    const to = join(folder, 'out');
    mkdirSync(join(to, 'model'), { recursive: true });
    symlinkSync(join(to, 'model'), join(folder, 'link'));
    expect(() => checkPlace(to, join(folder, 'link'), [])).toThrow(/lies in .*out, which the run writes/);
    expect(() => checkPlace(join(folder, 'link'), join(to, 'model'), [])).toThrow(/the source itself/);
    expect(() => checkPlace(join(folder, 'link', 'inner'), join(to, 'model'), [])).toThrow(/lies in the source/);
    expect(() => checkPlace(to, join(folder, 'elsewhere'), [join(partialOf(to), 'text.txt')])).toThrow(/which the run writes/);
    expect(() => checkPlace(join(folder, 'other'), join(folder, 'other-model'), [join(folder, 'other.txt')])).not.toThrow();
    expect(readdirSync(folder).toSorted()).toEqual(['link', 'out']);
  });
});

describe('checkReplace', () => {
  it('lets only a result be replaced, only where that was asked for, and never files that someone put there', async () => {
    const to = join(temporaryFolder(), 'out');
    await runRecipe(sampleRecipe({ to }));
    expect(() => checkReplace(to, false)).toThrow(/earlier result/);
    checkReplace(to, true);
    writeFileSync(join(to, 'notes.md'), 'mine');
    const before = hashFolder(to);
    expect(() => checkReplace(to, true)).toThrow(/notes\.md.*would be lost/);
    await expect(runRecipe(sampleRecipe({ to }), { fresh: true })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(hashFolder(to)).toEqual(before);
  });
});

describe('publish', () => {
  function result(folder: string, text: string): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, reportFileName), text);
  }

  it('gives the whole result its name, in place of an earlier one', () => {
    const to = join(temporaryFolder(), 'out');
    result(to, 'old');
    result(partialOf(to), 'new');
    publish(to);
    expect(readFileSync(join(to, reportFileName), 'utf8')).toBe('new');
    expect(readdirSync(to)).toEqual([reportFileName]);
    expect(existsSync(partialOf(to))).toBe(false);
  });

  it('goes on where a process died between the two renames', () => {
    const to = join(temporaryFolder(), 'out');
    result(partialOf(to), 'new');
    result(join(partialOf(to), 'secateur-replaced'), 'old');
    publish(to);
    expect(readFileSync(join(to, reportFileName), 'utf8')).toBe('new');
    expect(readdirSync(to)).toEqual([reportFileName]);
  });
});

it('a run that was finished but for its name gets it from the next one, without work', async () => {
  const to = join(temporaryFolder(), 'out');
  const report = await runRecipe(sampleRecipe({ to }));
  const files = readdirSync(to).toSorted();
  renameSync(to, partialOf(to));
  const steps: string[] = [];
  expect(await runRecipe(sampleRecipe({ to }), {}, { onProgress: ({ step }) => steps.push(step) })).toEqual(report);
  expect(steps).not.toContain('prune');
  expect(readdirSync(to).toSorted()).toEqual(files);
  expect(readdirSync(join(to, '..'))).toEqual(['out']);
});
