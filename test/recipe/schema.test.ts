import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { defaultOutput, readPattern, recipeSchema } from '../../src/recipe/schema.ts';

const recipeOf = (text: string) => parseRecipe(text).recipe!;

describe('defaultOutput', () => {
  it.each([
    ['model: ./SmolLM2-135M\nsparsity: 0.5', './SmolLM2-135M-50-obs'],
    ['model: ../a/b/\nsparsity: 0.625\nsolve: { finish: { method: least-squares } }', '../a/b-62.5-obs-least-squares'],
    ['model: C:\\models\\a\\\nsparsity: 0.07\nsolve: { method: mask, score: { method: wanda } }', 'C:\\models\\a-7-wanda'],
    ['model: a\npattern: 2:4\nsolve: { finish: { method: none } }', 'a-2of4-obs'],
    ['model: .\nsparsity: 0.5', './../pruned-50-obs'],
    ['model: ../..\nsparsity: 0.5', '../../../pruned-50-obs'],
    ['model: a..\nsparsity: 0.5', 'a..-50-obs'],
  ])('of %j is %s', (text, folder) => {
    expect(defaultOutput(recipeOf(text))).toBe(folder);
  });
});

describe('recipeSchema', () => {
  it.each(['model: a\nsparsity: 0.5', 'model: a\npattern: 2:4\nsolve: { finish: { method: least-squares } }\nevaluate: { text: a.txt }'])(
    'takes the recipe read from %j, back from JSON',
    (text) => {
      const recipe = recipeOf(text);
      expect(v.parse(recipeSchema, JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
    },
  );

  it('refuses what no recipe can be', () => {
    const recipe = recipeOf('model: a\npattern: 2:4');
    for (const wrong of [{ sparsity: 1 }, { pattern: { n: 4, m: 2 } }, { pattern: '2:4' }, { other: 1 }, { solve: { method: 'x' } }])
      expect(v.is(recipeSchema, { ...recipe, ...wrong }), JSON.stringify(wrong)).toBe(false);
  });
});

describe('readPattern', () => {
  it('reads n:m', () => {
    expect(readPattern('4:16')).toEqual({ n: 4, m: 16 });
  });
});
