import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { choicesOf, descriptionOf, enumerate, placeOf, shapeOf, wordsOf } from '../../src/recipe/fields.ts';

describe('wordsOf', () => {
  it.each([
    ['a range', v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 'a number from 0 to 1'],
    ['a range of whole numbers', v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)), 'a whole number from 1 to 64'],
    ['a least value', v.pipe(v.number(), v.integer(), v.minValue(1)), 'a whole number, at least 1'],
    ['a largest value', v.pipe(v.number(), v.maxValue(3)), 'a number, at most 3'],
    [
      'a range within another pipe, behind a default',
      v.optional(v.pipe(v.pipe(v.number(), v.minValue(0)), v.description('x')), 1),
      'a number, at least 0',
    ],
    ['a choice', v.picklist(['a', 'b', 'c']), 'a, b or c'],
    ['a truth value', v.boolean(), 'true or false'],
    ['a text', v.string(), 'text'],
    ['words of its own', v.pipe(v.string(), v.metadata({ words: 'a path' })), 'a path'],
    ['a map', v.strictObject({}), 'a map of keys and values'],
  ])('says %s', (_name, schema, words) => {
    expect(wordsOf(schema)).toBe(words);
  });
});

describe('shapeOf', () => {
  it('knows the methods of a step, their cards and the one that need not be named', () => {
    const a = v.pipe(
      v.strictObject({ method: v.literal('a'), x: v.number() }),
      v.title('A'),
      v.description('Does a.'),
      v.metadata({ formula: 'a = b' }),
    );
    const b = v.strictObject({ method: v.optional(v.literal('b'), 'b') });
    const shape = shapeOf(v.optional(v.pipe(v.variant('method', [a, b]), v.description('A step.')), {}));
    if (shape.kind !== 'step') throw new Error(shape.kind);
    expect([...shape.methods.keys()]).toEqual(['a', 'b']);
    expect(shape.methods.get('a')).toMatchObject({ title: 'A', summary: 'Does a.', formula: 'a = b', paper: null });
    expect(Object.keys(shape.methods.get('a')!.entries)).toEqual(['method', 'x']);
    expect(shape.fallback).toBe('b');
  });

  it('knows a value that may be a list', () => {
    const item = v.string();
    expect(shapeOf(v.union([v.literal('all'), v.pipe(v.array(item), v.minLength(1))]))).toEqual({ kind: 'value', item });
    expect(shapeOf(v.string())).toEqual({ kind: 'value', item: undefined });
  });
});

describe('the words of fields', () => {
  it('finds a description inside a default', () => {
    expect(descriptionOf(v.optional(v.pipe(v.number(), v.description('Inside.')), 1))).toBe('Inside.');
    expect(descriptionOf(v.pipe(v.optional(v.number(), 1), v.description('Outside.')))).toBe('Outside.');
  });

  it('lists choices', () => {
    expect(choicesOf(v.optional(v.picklist(['a', 'b']), 'a'))).toEqual(['a', 'b']);
    expect(choicesOf(v.string())).toBeUndefined();
  });

  it('knows what a path stands for', () => {
    expect(placeOf(v.optional(v.pipe(v.string(), v.metadata({ place: 'text' })), 'a'))).toBe('text');
    expect(placeOf(v.string())).toBeUndefined();
  });

  it('joins words as a sentence does', () => {
    expect([enumerate([]), enumerate(['a']), enumerate(['a', 'b']), enumerate(['a', 'b', 'c'], 'and')]).toEqual([
      '',
      'a',
      'a or b',
      'a, b and c',
    ]);
  });
});
