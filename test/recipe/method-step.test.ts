import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { allocators } from '../../src/methods/allocate/index.ts';
import type { Card, Options } from '../../src/methods/card.ts';
import { criteria } from '../../src/methods/score/index.ts';
import { solvers } from '../../src/methods/solve/index.ts';
import { defaultOf, descriptionOf, isOptional, wordsOf } from '../../src/recipe/fields.ts';
import { methodStep, refiners } from '../../src/recipe/method-step.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';

const cards: [string, string, Card<Options>][] = [
  ...Object.entries(allocators).map(([name, card]): [string, string, Card<Options>] => [`allocate: { method: ${name} }`, 'allocate', card]),
  ...Object.entries(solvers).map(([name, card]): [string, string, Card<Options>] => [`solve: { method: ${name} }`, 'solve', card]),
  ...Object.entries(criteria).map(([name, card]): [string, string, Card<Options>] => [
    `solve: { score: { method: ${name} } }`,
    'score',
    card,
  ]),
  ...Object.entries(refiners).map(([name, card]): [string, string, Card<Options>] => [
    `solve: { finish: { method: ${name} } }`,
    'finish',
    card,
  ]),
];

describe('every method', () => {
  it.each(cards)('%s needs no option', (line) => {
    expect(parseRecipe(`model: a\nsparsity: 0.5\n${line}`).problems).toEqual([]);
  });

  it.each(cards)('%s has for each option a default, a meaning and words for what it takes', (_line, _step, card) => {
    for (const [key, schema] of Object.entries(card.options.entries as Record<string, v.GenericSchema>)) {
      expect(isOptional(schema), key).toBe(true);
      expect(v.is(schema, defaultOf(schema)), key).toBe(true);
      expect(descriptionOf(schema), key).toMatch(/\.$/);
      expect(wordsOf(schema), key).not.toMatch(/map of keys|^text$|^a number$/);
    }
  });

  it.each(cards)('%s has no option that hides a key of its step', (_line, step, card) => {
    const taken = { allocate: ['method', 'fixed'], solve: ['method', 'score', 'damping', 'finish'], score: ['method'], finish: ['method'] }[
      step
    ];
    expect(Object.keys(card.options.entries).filter((key) => taken?.includes(key))).toEqual([]);
  });
});

describe('methodStep', () => {
  const card = (options: Options): Card<Options> => ({ title: 'T', summary: 'S.', formula: '', paper: null, options });
  const x = v.optional(v.pipe(v.number(), v.description('X.')), 3);

  it('puts the keys in order and fills in the method', () => {
    const step = methodStep({ a: card(v.strictObject({ x })), b: card(v.strictObject({})) }, 'a', { first: x }, { last: x });
    expect(Object.keys(v.parse(step, {}))).toEqual(['method', 'first', 'x', 'last']);
    expect(v.parse(step, { method: 'b', last: 4 })).toEqual({ method: 'b', first: 3, last: 4 });
    expect(v.is(step, { method: 'b', x: 3 })).toBe(false);
  });

  it('wants a method named where there is no fallback', () => {
    expect(v.is(methodStep({ a: card(v.strictObject({})) }, undefined, {}, {}), {})).toBe(false);
  });
});

describe('refiners', () => {
  it('are the solvers that keep to a mask and know the inputs, and none', () => {
    expect(Object.keys(refiners)).toEqual(expect.arrayContaining(['none', 'least-squares']));
    expect(refiners).not.toHaveProperty('mask');
    expect(refiners).not.toHaveProperty('obs');
  });
});
