import { describe, expect, it } from 'vitest';
import { complete } from '../../src/language/complete.ts';
import { noFacts } from '../../src/language/facts.ts';
import { criteria } from '../../src/methods/score/index.ts';
import { solvers } from '../../src/methods/solve/index.ts';
import type { Entries } from '../../src/recipe/fields.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { fileSchema } from '../../src/recipe/schema.ts';
import { checkpoint, marked, withCheckpoint } from './support.ts';

const list = async (path: string) => {
  const folders: Record<string, { name: string; isFolder: boolean }[]> = {
    './': [
      { name: 'models', isFolder: true },
      { name: 'a # b', isFolder: true },
      { name: '.git', isFolder: true },
      { name: 'wiki.TXT', isFolder: false },
      { name: 'picture.png', isFolder: false },
    ],
    './models/': [{ name: 'tiny', isFolder: true }],
    '../': [{ name: 'other.jsonl', isFolder: false }],
  };
  return folders[path] ?? [];
};

async function completed(text: string, facts = noFacts, lists: typeof list | undefined = list) {
  const { text: plain, offset } = marked(text);
  const { items, isIncomplete } = await complete(plain, offset, facts, lists);
  return { items, isIncomplete, labels: items.map(({ label }) => label), plain };
}

/** The text after the item of this label was taken. */
async function taken(text: string, label: string, facts = withCheckpoint) {
  const { items, plain } = await completed(text, facts);
  const edit = items.find((item) => item.label === label)?.textEdit;
  if (!edit || !('range' in edit)) throw new Error(`no ${label} among ${items.map((item) => item.label).join(', ')}`);
  const lines = plain.split('\n');
  const at = ({ line, character }: { line: number; character: number }) =>
    lines.slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + character;
  return plain.slice(0, at(edit.range.start)) + edit.newText + plain.slice(at(edit.range.end));
}

describe('complete', () => {
  it('offers the keys of the recipe in the schema’s order, without those that are there', async () => {
    const keys = Object.keys(fileSchema.entries as Entries);
    expect((await completed('▮')).labels).toEqual(keys);
    expect((await completed('model: x\n▮\nsparsity: 0.5')).labels).toEqual(keys.filter((key) => key !== 'model' && key !== 'sparsity'));
  });

  it('offers the keys of the method that the step names', async () => {
    expect((await completed('solve:\n  method: obs\n  ▮')).labels).toContain('blockSize');
    expect((await completed('solve:\n  method: mask\n  ▮')).labels).not.toContain('blockSize');
    expect((await completed('solve: { finish: { method: least-squares, ▮')).labels).toContain('iterations');
    expect((await completed('solve:\n  ▮\n  method: mask')).labels).not.toContain('blockSize');
    expect((await completed('solve:\n  ▮\n')).labels).toContain('blockSize');
  });

  it('documents a key with what it takes, its default and its meaning', async () => {
    const { items } = await completed('solve:\n  damp▮');
    const { documentation } = items.find(({ label }) => label === 'damping')!;
    expect(documentation).toMatchObject({
      kind: 'markdown',
      value: expect.stringMatching(/a number from 0\\.0001 to 1[\s\S]*Default: `0\.01`[\s\S]*Hessian/),
    });
  });

  it('offers methods with title, formula and paper, from their cards', async () => {
    const { items, labels } = await completed('solve:\n  score: { method: ▮ }');
    expect(labels).toEqual(Object.keys(criteria));
    const { detail, documentation } = items.find(({ label }) => label === 'wanda')!;
    expect(detail).toBe(criteria.wanda.title);
    const { value } = documentation as { value: string };
    expect(value).toContain(criteria.wanda.summary);
    expect(value).toContain(criteria.wanda.formula);
    expect(value).toContain('(https://arxiv.org/abs/2306.11695)');
  });

  it('offers whole maps where a step begins', async () => {
    expect((await completed('solve: ▮')).labels).toEqual(Object.keys(solvers).map((name) => `{ method: ${name} }`));
    expect(await taken('model: a\nsparsity: 0.5\nsolve: ▮', '{ method: obs }')).toBe('model: a\nsparsity: 0.5\nsolve: { method: obs }');
  });

  it('offers choices, truth values and defaults', async () => {
    expect((await completed('calibrate:\n  flow: ▮')).labels).toEqual(['block-sequential', 'dense', 'true-sequential']);
    expect((await completed('save: { overwrite: ▮ }')).labels).toEqual(['true', 'false']);
    expect((await completed('calibrate: { samples: ▮ }')).labels).toEqual(['128']);
    expect(await taken('save: { overwrite: f▮ }', 'false')).toBe('save: { overwrite: false }');
    const { items } = await completed('calibrate:\n  flow: ▮');
    expect(items.filter(({ detail }) => detail === 'default').map(({ label }) => label)).toEqual(['block-sequential']);
  });

  it('offers kinds, blocks and modules of the checkpoint as globs, quoted where YAML wants it', async () => {
    const { labels } = await completed('allocate:\n  fixed:\n    ▮', withCheckpoint);
    expect(labels.slice(0, 5)).toEqual([
      '*.q_proj',
      '*.down_proj',
      'model.layers.0.*',
      'model.layers.1.*',
      'model.layers.0.self_attn.q_proj',
    ]);
    expect(labels).toHaveLength(4 + checkpoint.slots.length);
    expect(await taken('allocate:\n  fixed:\n    ▮', '*.q_proj')).toBe('allocate:\n  fixed:\n    "*.q_proj": ');
    expect(await taken('allocate:\n  fixed:\n    "*.q▮', '*.q_proj')).toBe('allocate:\n  fixed:\n    "*.q_proj": ');
    expect(await taken("allocate: { fixed: { '*.q▮': 0.5 } }", '*.q_proj')).toBe("allocate: { fixed: { '*.q_proj': 0.5 } }");
    expect(await taken('allocate: { fixed: { mod▮', 'model.layers.0.mlp.down_proj')).toBe(
      'allocate: { fixed: { model.layers.0.mlp.down_proj: ',
    );
  });

  it('leaves globs out that stand already, and is silent without a checkpoint', async () => {
    expect((await completed('allocate:\n  fixed:\n    "*.q_proj": 0\n    ▮', withCheckpoint)).labels).not.toContain('*.q_proj');
    expect((await completed('allocate:\n  fixed:\n    ▮')).labels).toEqual([]);
  });

  it('tells that there are more names than it shows', async () => {
    const slots = Array.from({ length: 5000 }, (_, block) => ({ name: `model.layers.${block}.q.weight`, block, kind: 'q', out: 2, in: 2 }));
    const { items, isIncomplete } = await completed('allocate:\n  fixed:\n    layers.4▮', {
      ...withCheckpoint,
      checkpoint: { ...checkpoint, slots },
    });
    expect(items.length).toBeLessThan(1000);
    expect(isIncomplete).toBe(true);
  });

  it('offers folders for the model, and readable files too for texts', async () => {
    expect((await completed('model: ▮')).labels).toEqual(['./models/', './a # b/']);
    expect((await completed('calibrate:\n  text: ▮')).labels).toEqual(['default', './models/', './a # b/', './wiki.TXT']);
    expect((await completed('calibrate: { text: [default, ▮] }')).labels).toContain('./wiki.TXT');
    expect((await completed('evaluate: { text: ../▮ }')).labels).toEqual(['../other.jsonl']);
  });

  it('goes on from the folder that is typed, and quotes a path that YAML would misread', async () => {
    expect(await taken('model: ./models/t▮iny # here', './models/tiny/')).toBe('model: ./models/tiny/ # here');
    expect(await taken('model: ▮', './a # b/')).toBe('model: "./a # b/"');
    expect(await taken("save: { to: './m▮' }", './models/')).toBe("save: { to: './models/' }");
  });

  it('offers no path where the recipe lies nowhere', async () => {
    const { text, offset } = marked('model: ▮');
    expect((await complete(text, offset, noFacts, undefined)).items).toEqual([]);
  });

  it('opens a map beneath a key of steps, indented from where the key is', async () => {
    expect(await taken('solve:\n  s▮', 'score')).toBe('solve:\n  score:\n    ');
    expect(await taken('solve: { s▮ }', 'score')).toBe('solve: { score:  }');
    expect(await taken('sp▮: 0.5', 'sparsity')).toBe('sparsity: 0.5');
  });

  it('never offers a key that the parser would refuse there', async () => {
    for (const place of [
      '▮',
      'solve:\n  ▮',
      'solve:\n  method: mask\n  ▮',
      'allocate:\n  ▮',
      'calibrate:\n  ▮',
      'evaluate:\n  ▮',
      'save:\n  ▮',
      'solve:\n  finish:\n    method: none\n    ▮',
    ]) {
      const { labels } = await completed(place);
      expect(labels.length).toBeGreaterThanOrEqual(place.includes('none') ? 0 : 1);
      for (const label of labels) {
        const { problems } = parseRecipe(place.replace('▮', `${label}: 1`));
        expect(
          problems.filter(({ code }) => code === 'UNKNOWN_KEY' || code === 'NOT_YAML'),
          `${place} ${label}`,
        ).toEqual([]);
      }
    }
  });

  it('says nothing in a comment, and nothing under a key that does not exist', async () => {
    expect((await completed('model: x # ▮')).labels).toEqual([]);
    expect((await completed('nonsense:\n  ▮')).labels).toEqual([]);
  });
});
