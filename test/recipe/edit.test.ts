import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isScalar, parseDocument } from 'yaml';
import { setValue } from '../../src/recipe/edit.ts';
import type { Setting } from '../../src/recipe/flow-text.ts';
import { commentsOf, style, writeSound } from '../support/yaml-writer.ts';

const set = (text: string, path: (string | number)[], value: Setting) => setValue(text, path, value).text;

describe('setValue', () => {
  it.each([
    ['a plain value, its comment stays', 'model: a\nsparsity: 0.50 # half\n', ['sparsity'], 0.6, 'model: a\nsparsity: 0.6 # half\n'],
    [
      'a value in a map on one line',
      'solve: { method: obs,  damping: 0.01 } # x',
      ['solve', 'damping'],
      0.1,
      'solve: { method: obs,  damping: 0.1 } # x',
    ],
    ['in the quotes it had', 'model: \'a\'\nsave: {to: "b"}', ['model'], 'c d', 'model: \'c d\'\nsave: {to: "b"}'],
    ['in the other quotes it had', 'save: {to: "b"}', ['save', 'to'], 'c', 'save: {to: "c"}'],
    ['in quotes where it would be read as something else', 'model: a\n', ['model'], 'null', 'model: "null"\n'],
    [
      'a list in place of a text',
      'calibrate:\n  text: default # all\n  seed: 1\n',
      ['calibrate', 'text'],
      ['a.txt', 'b c.txt'],
      'calibrate:\n  text: [a.txt, b c.txt] # all\n  seed: 1\n',
    ],
    [
      'a value where a key has none',
      'calibrate:\n  seed: # later\n  flow: dense\n',
      ['calibrate', 'seed'],
      3,
      'calibrate:\n  seed: 3 # later\n  flow: dense\n',
    ],
    [
      'a key in a step that is empty',
      'model: a\ncalibrate:\nsave: {}\n',
      ['calibrate', 'seed'],
      3,
      'model: a\ncalibrate: { seed: 3 }\nsave: {}\n',
    ],
    ['a key in an empty map', 'save: {}\n', ['save', 'to'], 'x', 'save: { to: x }\n'],
    ['an item of a list', 'calibrate: {text: [a.txt, "b.txt"]}', ['calibrate', 'text', 1], 'c.txt', 'calibrate: {text: [a.txt, "c.txt"]}'],
    [
      'an item behind the last of a list',
      'calibrate: {text: [a.txt]}',
      ['calibrate', 'text', 1],
      'c.txt',
      'calibrate: {text: [a.txt, c.txt]}',
    ],
    [
      'a value through an alias, in a copy',
      'a: &x { seed: 1, flow: dense }\ncalibrate: *x\n',
      ['calibrate', 'seed'],
      2,
      'a: &x { seed: 1, flow: dense }\ncalibrate: { seed: 2, flow: dense }\n',
    ],
    ['a value in place of a block of text', 'model: |\n  a\nsparsity: 0.5\n', ['model'], 'b', 'model: b\nsparsity: 0.5\n'],
    [
      'a key in an empty step with an anchor',
      'calibrate: &c\nsave: {}\n',
      ['calibrate', 'seed'],
      3,
      'calibrate: &c { seed: 3 }\nsave: {}\n',
    ],
    [
      'a map in place of a block with an anchor',
      'solve: &s\n  method: obs\n',
      ['solve'],
      { method: 'mask' },
      'solve: &s { method: mask }\n',
    ],
    ['a value in an empty text', '', ['model'], 'a', 'model: a\n'],
    ['a value below a text of comments', '# mine', ['solve', 'damping'], 0.1, '# mine\nsolve: { damping: 0.1 }\n'],
  ] as const)('sets %s', (_name, text, path, value, expected) => {
    expect(set(text, [...path], value as Setting)).toBe(expected);
  });

  it.each([
    [
      'below the key before it',
      'model: a\n# about saving\nsave: {}\n',
      ['sparsity'],
      0.5,
      'model: a\nsparsity: 0.5\n# about saving\nsave: {}\n',
    ],
    [
      'below all of the step before it',
      'model: a\nsolve:\n  method: obs\n  # damping: 0.1\n\nsave: {}\n',
      ['evaluate', 'text'],
      'w.txt',
      'model: a\nsolve:\n  method: obs\n  # damping: 0.1\nevaluate: { text: w.txt }\n\nsave: {}\n',
    ],
    [
      'in the indentation of its map',
      'solve:\n    method: obs\n    finish: {method: none}\n',
      ['solve', 'damping'],
      0.1,
      'solve:\n    method: obs\n    damping: 0.1\n    finish: {method: none}\n',
    ],
    [
      'above the first key and its comment',
      'solve:\n  # small\n  damping: 0.1\n',
      ['solve', 'method'],
      'mask',
      'solve:\n  method: mask\n  # small\n  damping: 0.1\n',
    ],
    [
      'between the keys of one line',
      'solve: { method: obs, finish: { method: none } }',
      ['solve', 'damping'],
      0.1,
      'solve: { method: obs, damping: 0.1, finish: { method: none } }',
    ],
    [
      'before the keys of one line',
      'solve: {finish: {method: none}}',
      ['solve', 'method'],
      'obs',
      'solve: {method: obs, finish: {method: none}}',
    ],
    [
      'last among globs, where it counts',
      'allocate:\n  fixed:\n    "*.q_proj": 0\n',
      ['allocate', 'fixed', '*.k_proj'],
      0.2,
      'allocate:\n  fixed:\n    "*.q_proj": 0\n    "*.k_proj": 0.2\n',
    ],
    ['after a last line without end', 'model: a', ['sparsity'], 0.5, 'model: a\nsparsity: 0.5'],
    ['with the line ends of the text', 'model: a\r\nsave: {}\r\n', ['sparsity'], 0.5, 'model: a\r\nsparsity: 0.5\r\nsave: {}\r\n'],
    ['before the first key, behind a byte order mark', '\ufeffsparsity: 0.5\n', ['model'], 'a', '\ufeffmodel: a\nsparsity: 0.5\n'],
  ] as const)('puts a new key %s', (_name, text, path, value, expected) => {
    expect(set(text, [...path], value as Setting)).toBe(expected);
  });

  it('puts a new value beside the key of a block, whose comment stays', () => {
    expect(set('calibrate: # what\n  text:\n  - a.txt\n  - b.txt # two\n  seed: 1\n', ['calibrate', 'text'], 'default')).toBe(
      'calibrate: # what\n  text: default # two\n  seed: 1\n',
    );
    expect(set('solve: # how\n  method: obs\nsave: {}\n', ['solve'], { method: 'mask' })).toBe('solve: { method: mask } # how\nsave: {}\n');
  });

  it('sets a value inside a list, and a whole item, that takes several lines', () => {
    const text = 'list: # two\n- a: 1\n  b: 2 # beside\n- c\n';
    expect(set(text, ['list', 0, 'b'], 3)).toBe('list: # two\n- a: 1\n  b: 3 # beside\n- c\n');
    expect(set(text, ['list', 0], 'x')).toBe('list: # two\n- x # beside\n- c\n');
    expect(set(text, ['list', 0, 'd'], 4)).toBe('list: # two\n- a: 1\n  b: 2 # beside\n  d: 4\n- c\n');
  });

  it('changes nothing where the value is there already', () => {
    expect(setValue('sparsity: 0.50\n', ['sparsity'], 0.5)).toEqual({ text: 'sparsity: 0.50\n', edits: [] });
  });

  it('edits only the characters of the value', () => {
    expect(setValue('model: a\nsparsity: 0.5 # half\n', ['sparsity'], 0.75).edits).toEqual([{ offset: 19, length: 3, text: '0.75' }]);
  });

  it('refuses a text that is not YAML, and an item beyond a list', () => {
    expect(() => setValue('solve: {', ['solve', 'method'], 'obs')).toThrow(expect.objectContaining({ code: 'BAD_RECIPE' }));
    expect(() => setValue('calibrate: {text: [a]}', ['calibrate', 'text', 2], 'x')).toThrow(
      expect.objectContaining({ code: 'BAD_RECIPE' }),
    );
  });
});

const word = fc.constantFrom(
  'a',
  'wiki.txt',
  './a b.txt',
  '2:4',
  "it's",
  'true',
  '# no',
  'C:\\x, y',
  '*.q_proj',
  '{',
  '',
  'é→',
  '- x',
  'x: y',
  'a\nb',
  '~',
);
const scalar = fc.oneof(
  word,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
  fc.integer(),
  fc.boolean(),
  fc.string(),
);
const glob = fc.constantFrom('*.q_proj', 'model.layers.0.*', '*.{a,b}', 'plain', 'a: b');
const tree = fc.record(
  {
    save: fc.oneof(scalar, fc.record({ to: scalar, overwrite: scalar }, { requiredKeys: [] })),
    solve: fc.record(
      { finish: fc.record({ method: scalar }, { requiredKeys: [] }), damping: scalar, method: scalar, extra: scalar },
      { requiredKeys: [] },
    ),
    model: scalar,
    calibrate: fc.record(
      { text: fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), seed: fc.oneof(scalar, fc.constant(null)) },
      { requiredKeys: [] },
    ),
    allocate: fc.record({ fixed: fc.dictionary(glob, scalar, { maxKeys: 3 }) }, { requiredKeys: [] }),
    sparsity: scalar,
  },
  { requiredKeys: [] },
);
const path = fc.oneof(
  fc.constantFrom(
    ['model'],
    ['sparsity'],
    ['pattern'],
    ['calibrate', 'text'],
    ['calibrate', 'seed'],
    ['calibrate', 'text', 0],
    ['solve', 'damping'],
  ),
  fc.constantFrom(
    ['solve', 'score', 'exponent'],
    ['solve', 'finish', 'method'],
    ['save'],
    ['save', 'to'],
    ['evaluate', 'text'],
    ['allocate', 'fixed'],
    ['extra', 'deep', 'er'],
  ),
  glob.map((name) => ['allocate', 'fixed', name]),
) as fc.Arbitrary<(string | number)[]>;
const value: fc.Arbitrary<Setting> = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(word, scalar, { maxKeys: 3 }));
function read(text: string): unknown {
  const document = parseDocument(text);
  expect(document.errors, text).toEqual([]);
  return document.toJS();
}

function withSet(base: unknown, [key, ...rest]: readonly (string | number)[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  if (typeof key === 'number')
    return Object.assign(Array.isArray(base) ? [...base] : [], { [key]: withSet(Array.isArray(base) ? base[key] : undefined, rest, leaf) });
  const map = typeof base === 'object' && base !== null && !Array.isArray(base) ? (base as Record<string, unknown>) : {};
  return { ...map, [key]: withSet(map[key], rest, leaf) };
}

describe('setValue, whatever the style', () => {
  it('gives a text that says the new value and else what it said before', () => {
    fc.assert(
      fc.property(tree, style, path, value, (plain, how, where, what) => {
        const text = writeSound(plain, how);
        const edited = setValue(text, where, what);
        expect(read(edited.text), `${text}\n=>\n${edited.text}`).toEqual(withSet(read(text), where, what));
      }),
      { numRuns: 200 },
    );
  });

  it('touches no comment that is not inside the value it replaces', () => {
    fc.assert(
      fc.property(tree, style, path, value, (plain, how, where, what) => {
        const text = writeSound(plain, how);
        const { text: edited, edits } = setValue(text, where, what);
        const removed = edits.map(({ offset, length }) => text.slice(offset, offset + length)).join('');
        expect(commentsOf(edited)).toBe(commentsOf(text) - commentsOf(removed));
        const old = parseDocument(text).getIn(where, true);
        if (isScalar(old) || old === undefined) expect(commentsOf(removed)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('finds the value there when it sets it again', () => {
    fc.assert(
      fc.property(tree, style, path, scalar, (plain, how, where, what) => {
        const once = setValue(writeSound(plain, how), where, what).text;
        expect(setValue(once, where, what)).toEqual({ text: once, edits: [] });
      }),
      { numRuns: 100 },
    );
  });
});
