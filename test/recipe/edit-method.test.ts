import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/recipe/edit.ts';
import { gestureEdits } from '../../src/recipe/gesture.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';

const choose = (text: string, step: 'measure' | 'allocate', method: string) =>
  applyEdits(text, gestureEdits(text, { type: 'method', step, method }, []));
const head = 'model: a\nsparsity: 0.5\n';

describe('another method', () => {
  it.each([
    ['a measure that was not named', 'measure', 'scan', '', 'measure: { method: scan }\n'],
    ['before what the schema has behind it', 'measure', 'scan', 'save: {}\n', 'measure: { method: scan }\nsave: {}\n'],
    [
      'an allocator beside what there is',
      'allocate',
      'prior',
      'allocate:\n  max: 0.9 # most\n',
      'allocate:\n  method: prior\n  max: 0.9 # most\n',
    ],
    [
      'a word and nothing else',
      'allocate',
      'curves',
      'allocate: { method: uniform, min: 0.1 } # why\n',
      'allocate: { method: curves, min: 0.1 } # why\n',
    ],
    [
      'an option that both have stays',
      'allocate',
      'prior',
      'allocate: { method: mixed, spread: 0.2 }\n',
      'allocate: { method: prior, spread: 0.2 }\n',
    ],
    [
      'one that only the old has goes',
      'allocate',
      'prior',
      'allocate: { method: mixed, level: block, max: 0.9 }\n',
      'allocate: { method: prior, max: 0.9 }\n',
    ],
    [
      'with its line and the comment on it',
      'allocate',
      'uniform',
      'allocate:\n  method: mixed # one\n  spread: 0.2 # two\n  # three\n  max: 0.9\n',
      'allocate:\n  method: uniform # one\n  # three\n  max: 0.9\n',
    ],
    ['quotes stay', 'allocate', 'uniform', 'allocate:\n  method: "mixed"\n', 'allocate:\n  method: "uniform"\n'],
    [
      'locks stay',
      'allocate',
      'curves',
      'allocate:\n  method: mixed\n  fixed:\n    "*.a": 0.1 # mine\n',
      'allocate:\n  method: curves\n  fixed:\n    "*.a": 0.1 # mine\n',
    ],
    [
      'a key that neither has stays',
      'allocate',
      'curves',
      'allocate: { method: mixed, spraed: 0.1 }\n',
      'allocate: { method: curves, spraed: 0.1 }\n',
    ],
    [
      'a word that was none is put right',
      'allocate',
      'mixed',
      'allocate: { method: mixd, spread: 0.2 }\n',
      'allocate: { method: mixed, spread: 0.2 }\n',
    ],
    ['a step without a value', 'measure', 'fisher', 'measure:\nsave: {}\n', 'measure: { method: fisher }\nsave: {}\n'],
    [
      'through an alias, in a copy',
      'allocate',
      'uniform',
      'x: &a { method: mixed, spread: 0.2, max: 0.9 }\nallocate: *a\n',
      'x: &a { method: mixed, spread: 0.2, max: 0.9 }\nallocate: { method: uniform, max: 0.9 }\n',
    ],
  ] as const)('%s', (_name, step, method, before, after) => {
    expect(choose(head + before, step, method)).toBe(head + after);
  });

  it('changes nothing where it is there, or what nothing said', () => {
    for (const text of [head, `${head}allocate: {}\n`, `${head}allocate: { method: uniform }\n`])
      expect(gestureEdits(text, { type: 'method', step: 'allocate', method: 'uniform' }, [])).toEqual([]);
  });

  it('keeps no value that the new method does not take', () => {
    const text = choose(`${head}allocate: { method: mixed, spread: lots }\n`, 'allocate', 'prior');
    expect(parseRecipe(text).problems).toEqual([]);
  });

  it('mends a recipe whose measure and allocator do not go together', () => {
    const text = `${head}measure: { method: error-curve }\nallocate: { method: curves }\n`;
    expect(parseRecipe(text).recipe).toBeUndefined();
    expect(parseRecipe(choose(text, 'measure', 'scan')).recipe?.measure.method).toBe('scan');
    expect(parseRecipe(choose(text, 'allocate', 'mixed')).recipe?.allocate.method).toBe('mixed');
  });

  it('is refused where it does not exist, where the text is no YAML, and where an alias means it', () => {
    expect(() => choose(head, 'measure', 'nothing')).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', hint: expect.stringContaining('fisher') }),
    );
    expect(() => choose('model: [', 'measure', 'scan')).toThrow(expect.objectContaining({ code: 'BAD_RECIPE' }));
    expect(() => choose(`${head}allocate: { method: &m mixed }\nx: *m\n`, 'allocate', 'prior')).toThrow(/anchor/);
  });
});
