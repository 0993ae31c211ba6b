import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  buildLibrary,
  holds,
  isLeftOut,
  isWatched,
  type LibraryFacts,
  type LibraryItem,
  ownRecipes,
  type RecipeFacts,
  type ReportFacts,
  sortFiles,
} from '../../../src/extension/views/library.ts';

function checkpoint(folder: string): string[] {
  return [join(folder, 'config.json'), join(folder, 'model.safetensors')];
}

function report(source: string, ...others: string[]): ReportFacts {
  return { source, sparsity: 0.5, perplexity: null, others };
}

function recipe(model: string | null): RecipeFacts {
  return { model, summary: model === null ? null : '50 % · obs', nProblems: model === null ? 1 : 0 };
}

function facts(
  paths: readonly string[],
  reports: Readonly<Record<string, ReportFacts | string>> = {},
  recipes: Readonly<Record<string, RecipeFacts>> = {},
): LibraryFacts {
  return {
    files: sortFiles([...paths, ...Object.keys(recipes)]),
    reports: new Map(Object.entries(reports)),
    recipes: new Map(Object.entries(recipes)),
  };
}

/** Names, children indented below their parent. */
function outline(items: readonly LibraryItem[], indent = ''): string[] {
  return items.flatMap((item) => [`${indent}${item.path}`, ...(item.kind === 'checkpoint' ? outline(item.children, `${indent}  `) : [])]);
}

describe('the files of a workspace', () => {
  it('are a checkpoint only where config and weights lie in one folder', () => {
    const paths = [
      ...checkpoint('/w/whole'),
      '/w/sharded/config.json',
      '/w/sharded/model.safetensors.index.json',
      '/w/config-only/config.json',
      '/w/weights-only/model.safetensors',
      '/w/a.gguf',
      '/w/B.GGUF',
      '/w/x.prune.yaml',
    ];
    expect(sortFiles(paths)).toEqual({
      checkpoints: ['/w/whole', '/w/sharded'],
      recipes: ['/w/x.prune.yaml'],
      ggufs: ['/w/a.gguf', '/w/B.GGUF'],
    });
  });

  it.each([
    ['models/config.json', true],
    ['models\\model.safetensors', true],
    ['secateur-report.json', true],
    ['x.prune.yaml', true],
    ['models/llama.gguf', true],
    ['.prune.yaml', false],
    ['models/README.md', false],
    ['model-00001-of-00002.safetensors', false],
    ['node_modules/x/config.json', false],
    ['out.partial/config.json', false],
    ['.secateur/measured/config.json', false],
  ])('%s is watched: %s', (path, watched) => {
    expect(isWatched(path)).toBe(watched);
  });

  it('below a folder that is left out are left out, too', () => {
    expect(isLeftOut('a/node_modules/b')).toBe(true);
    expect(isLeftOut('run.partial')).toBe(true);
    expect(isLeftOut('partial/run')).toBe(false);
  });

  it('are told to be gone with the folder they lay in', () => {
    const found = facts(checkpoint('/w/models/a'));
    expect(holds(found, '/w/models')).toBe(true);
    expect(holds(found, '/w/models/a')).toBe(true);
    expect(holds(found, '/w/model')).toBe(false);
  });
});

describe('the library', () => {
  it('puts recipes and results below what they belong to, recipes first, by name and number', () => {
    const found = facts(
      [...checkpoint('/w/m-50'), ...checkpoint('/w/m'), ...checkpoint('/w/m-9'), '/w/q.gguf', '/w/another.gguf'],
      { '/w/m-50': report('/w/m'), '/w/m-9': report('/w/m') },
      { '/w/second.prune.yaml': recipe('/w/m'), '/w/again.prune.yaml': recipe('/w/m-50') },
    );
    expect(outline(buildLibrary(found))).toEqual([
      '/w/m',
      '  /w/second.prune.yaml',
      '  /w/m-9',
      '  /w/m-50',
      '    /w/again.prune.yaml',
      '/w/another.gguf',
      '/w/q.gguf',
    ]);
  });

  it('leaves out the copy of a recipe that lies in its result', () => {
    const copy = '/w/m-50/m-50.prune.yaml';
    const found = facts(
      [...checkpoint('/w/m'), ...checkpoint('/w/m-50')],
      { '/w/m-50': report('/w/m', 'm-50.prune.yaml') },
      { [copy]: recipe('/w/m'), '/w/m-50/mine.prune.yaml': recipe('/w/m') },
    );
    expect(outline(buildLibrary(found))).toEqual(['/w/m', '  /w/m-50/mine.prune.yaml', '  /w/m-50']);
    expect(ownRecipes(found)).toEqual(['/w/m-50/mine.prune.yaml']);
  });

  it('finds the source of a result that was moved along with it, by the recipe in the result', () => {
    const found = facts(
      [...checkpoint('/new/m'), ...checkpoint('/new/m-50')],
      { '/new/m-50': report('/old/m', 'm-50.prune.yaml') },
      { '/new/m-50/m-50.prune.yaml': recipe('/new/m') },
    );
    expect(outline(buildLibrary(found))).toEqual(['/new/m', '  /new/m-50']);
  });

  it('shows a result whose source is elsewhere, and a recipe whose checkpoint is, by themselves', () => {
    const found = facts(
      [...checkpoint('/w/m-50')],
      { '/w/m-50': report('/elsewhere/m') },
      { '/w/b.prune.yaml': recipe('/elsewhere/m'), '/w/a.prune.yaml': recipe(null) },
    );
    const items = buildLibrary(found);
    expect(outline(items)).toEqual(['/w/m-50', '/w/a.prune.yaml', '/w/b.prune.yaml']);
    expect(items.slice(1)).toMatchObject([{ hasCheckpoint: false }, { hasCheckpoint: false }]);
  });

  it('loses nothing to reports that name each other or themselves as source', () => {
    const found = facts([...checkpoint('/w/a'), ...checkpoint('/w/b'), ...checkpoint('/w/c'), ...checkpoint('/w/self')], {
      '/w/a': report('/w/b'),
      '/w/b': report('/w/c'),
      '/w/c': report('/w/a'),
      '/w/self': report('/w/self'),
    });
    expect(outline(buildLibrary(found))).toEqual(['/w/c', '  /w/b', '    /w/a', '/w/self']);
  });

  it('keeps a checkpoint whose report cannot be read, with the reason', () => {
    const [item] = buildLibrary(facts(checkpoint('/w/m'), { '/w/m': 'format: Invalid type' }));
    expect(item).toMatchObject({ path: '/w/m', report: null, reportProblem: 'format: Invalid type' });
  });
});
