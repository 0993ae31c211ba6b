import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMap, parseDocument } from 'yaml';
import { applyEdits } from '../../src/recipe/edit.ts';
import { entryEdits } from '../../src/recipe/edit-entries.ts';
import { readYaml } from '../../src/recipe/yaml-text.ts';
import { commentsOf, style, writeSound } from '../support/yaml-writer.ts';

const name = fc.constantFrom(
  '*.q_proj',
  'model.layers.0.*',
  '*.{a,b}',
  'a.b',
  "it's",
  '"',
  'a: b',
  '# no',
  '-',
  'null',
  '1.5',
  'é→',
  '*',
  'x,y',
);
const value = fc.constantFrom(0, 0.5, 0.25, 1e-7, 0.123456);
const entries = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 7 });

function edit(text: string, wished: readonly (readonly [string, number])[]) {
  const { document } = readYaml(text);
  const edits = entryEdits({ text, document: document! }, ['allocate', 'fixed'], wished);
  return { edits, text: applyEdits(text, edits) };
}

function read(text: string): [string, unknown][] {
  const document = parseDocument(text);
  expect(document.errors, text).toEqual([]);
  const map = document.getIn(['allocate', 'fixed']);
  return isMap(map)
    ? map.items.map((pair) => [String((pair.key as { value: unknown }).value), (pair.value as { value: unknown }).value])
    : [];
}

describe('entryEdits', () => {
  it('makes any entries any others, in their order, in every style', () => {
    fc.assert(
      fc.property(
        entries,
        entries,
        fc.constantFrom({}, { method: 'uniform' }, { min: 0.1, max: 0.9 }),
        style,
        fc.boolean(),
        (before, wished, beside, how, bom) => {
          const tree = { model: 'a', allocate: { ...beside, fixed: Object.fromEntries(before) }, save: { to: 'x' } };
          const text = (bom ? '\ufeff' : '') + writeSound(tree, how);
          const edited = edit(text, wished);
          expect(read(edited.text), `${text}\n=>\n${edited.text}`).toEqual(wished.map(([key, number]) => [key, number]));
          const { fixed: _, ...rest } = (parseDocument(edited.text).toJS().allocate ?? {}) as Record<string, unknown>;
          expect(rest).toEqual(beside);
          expect(parseDocument(edited.text).toJS()).toMatchObject({ model: 'a', save: { to: 'x' } });
          const gone = before.filter(([key]) => !wished.some(([other]) => other === key)).length;
          expect(commentsOf(edited.text), `${text}\n=>\n${edited.text}`).toBeGreaterThanOrEqual(commentsOf(text) - gone);
          expect(edited.text.match(/# above/g)?.length, `${text}\n=>\n${edited.text}`).toBe(text.match(/# above/g)?.length);
          expect(edit(edited.text, wished).edits).toEqual([]);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('touches only the characters of a number that changes', () => {
    const text = 'allocate: { fixed: { a.b: 0.50, "*": 0.1 } }';
    expect(
      edit(text, [
        ['a.b', 0.5],
        ['*', 0.2],
      ]).edits,
    ).toEqual([{ offset: 37, length: 3, text: '0.2' }]);
  });

  it.each([
    ['the first', ['b', 'c'], 'x: { b: 2, c: 3 }'],
    ['one in the middle', ['a', 'c'], 'x: { a: 1, c: 3 }'],
    ['the last', ['a', 'b'], 'x: { a: 1, b: 2 }'],
    ['the last two', ['a'], 'x: { a: 1 }'],
    ['all but the last', ['c'], 'x: { c: 3 }'],
  ])('takes %s from between braces with its comma', (_name, left, expected) => {
    const wished = left.map((key) => [key, { a: 1, b: 2, c: 3 }[key]!] as const);
    expect(edit(`allocate: { fixed: { a: 1, b: 2, c: 3 } }`, wished).text).toBe(`allocate: { fixed: ${expected.slice(3)} }`);
  });

  it('takes lines from between braces, and leaves the comments of others and the comma behind the last', () => {
    const text = 'allocate: {\n  fixed: {\n    a: 1, # one\n    # two\n    b: 2,\n    c: 3,\n  },\n}\n';
    expect(
      edit(text, [
        ['a', 1],
        ['c', 3],
      ]).text,
    ).toBe('allocate: {\n  fixed: {\n    a: 1, # one\n    # two\n    c: 3,\n  },\n}\n');
    expect(edit(text, [['a', 1]]).text).toBe('allocate: {\n  fixed: {\n    a: 1, # one\n    # two\n  },\n}\n');
    const open = text.replace('c: 3,', 'c: 3');
    expect(
      edit(open, [
        ['a', 1],
        ['b', 2],
      ]).text,
    ).toBe('allocate: {\n  fixed: {\n    a: 1, # one\n    # two\n    b: 2\n  },\n}\n');
    expect(edit(open, [['a', 1]]).text).toBe('allocate: {\n  fixed: {\n    a: 1 # one\n    # two\n  },\n}\n');
  });

  it('reads and takes out pairs with marks, anchors and tags', () => {
    const text = 'allocate:\n  fixed:\n    ? "*.a"\n    : 0.1\n    &k b: !!int 0\n    c: &v 0.3\n';
    expect(
      edit(text, [
        ['*.a', 0.1],
        ['c', 0.4],
      ]).text,
    ).toBe('allocate:\n  fixed:\n    ? "*.a"\n    : 0.1\n    c: 0.4\n');
    expect(
      edit(text, [
        ['b', 0.5],
        ['c', 0.3],
      ]).text,
    ).toBe('allocate:\n  fixed:\n    &k b: 0.5\n    c: &v 0.3\n');
  });

  it('writes into a copy where the map stands elsewhere', () => {
    expect(edit('x: &x { a.b: 1 }\nallocate: { fixed: *x }\n', [['a.b', 2]]).text).toBe(
      'x: &x { a.b: 1 }\nallocate: { fixed: { a.b: 2 } }\n',
    );
  });

  it.each([
    ['allocate:\n  fixed: # later\n', 'allocate:\n  fixed: # later\n    a.b: 1\n'],
    ['allocate:\n  fixed: ~ # later\n', 'allocate:\n  fixed: # later\n    a.b: 1\n'],
    ['allocate:\n', 'allocate:\n  fixed:\n    a.b: 1\n'],
    ['allocate: {} # how', 'allocate: # how\n  fixed:\n    a.b: 1'],
    ['save: {}\n', 'allocate:\n  fixed:\n    a.b: 1\nsave: {}\n'],
    ['allocate:\n  fixed: {\n    # none\n  }\n', 'allocate:\n  fixed: { a.b: 1 }\n'],
    ['allocate:\n    min: 0\nsave: {}\n', 'allocate:\n    min: 0\n    fixed:\n        a.b: 1\nsave: {}\n'],
  ])('fills what is empty: %j', (text, expected) => {
    expect(edit(text, [['a.b', 1]]).text).toBe(expected);
  });
});
