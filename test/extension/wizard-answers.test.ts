import { describe, expect, it } from 'vitest';
import { methodChoices, patternSparsity, readTarget, readTypedPattern, recipeFromAnswers } from '../../src/extension/wizard-answers.ts';
import { criteria } from '../../src/methods/score/index.ts';
import { solvers } from '../../src/methods/solve/index.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { starterRecipe } from '../../src/recipe/starter.ts';

const paths = { model: './m', text: './t.txt' };
const answers = { sparsity: 0.6, pattern: null, method: methodChoices()[0]!.id };

describe('recipeFromAnswers', () => {
  it('is the starter for the first choice', () => {
    expect(recipeFromAnswers(answers, paths, 512)).toBe(starterRecipe({ ...paths, sparsity: 0.6, maxLength: 512 }));
  });

  it.each(methodChoices().map((choice) => [choice.title, choice] as const))('makes a sound recipe of %s, comments kept', (_, choice) => {
    const text = recipeFromAnswers({ ...answers, method: choice.id }, paths);
    const { recipe, problems } = parseRecipe(text);
    expect(problems).toEqual([]);
    expect(recipe).toMatchObject({ model: './m', sparsity: 0.6, calibrate: { text: './t.txt' }, solve: { method: choice.solve.method } });
    const comments = (of: string) => of.match(/#.*/g);
    expect(comments(text)).toEqual(comments(starterRecipe({ ...paths, sparsity: 0.6 })));
  });

  it('writes the pattern in the place of the sparsity', () => {
    const { recipe, problems } = parseRecipe(recipeFromAnswers({ ...answers, pattern: '1:4' }, paths));
    expect(problems).toEqual([]);
    expect(recipe).toMatchObject({ pattern: { n: 1, m: 4 }, sparsity: 0.75 });
  });

  it('takes the starter for a method of another version', () => {
    expect(recipeFromAnswers({ ...answers, method: 'gone' }, paths)).toBe(recipeFromAnswers(answers, paths));
  });
});

describe('methodChoices', () => {
  it('begins with what the starter does', () => {
    const { solve } = parseRecipe(starterRecipe({ ...paths, sparsity: 0.5 })).recipe!;
    expect(solve).toMatchObject(methodChoices()[0]!.solve);
  });

  it('offers every criterion and every solver that can stand alone, under ids of their own', () => {
    const choices = methodChoices();
    expect(new Set(choices.map(({ id }) => id)).size).toBe(choices.length);
    const scores = choices.flatMap(({ solve }) => (solve.method === 'mask' ? [(solve.score as { method: string }).method] : []));
    expect(scores).toEqual(Object.keys(criteria));
    const used = new Set(choices.map(({ solve }) => solve.method));
    expect(Object.keys(solvers).filter((name) => !used.has(name))).toEqual(['least-squares']);
  });
});

describe('readTarget', () => {
  it.each([
    ['0.55', 0.55],
    ['55', 0.55],
    ['55 %', 0.55],
    ['0,5', 0.5],
    ['.5', 0.5],
    ['0.5%', 0.005],
    ['99', 0.99],
    ['0', 0],
  ])('reads %s as %d', (typed, share) => {
    expect(readTarget(typed)).toBe(share);
  });

  it.each(['', 'half', '100', '-5', '99.5', '5 5', '1e3', '%'])('reads nothing in %j', (typed) => {
    expect(readTarget(typed)).toBeNull();
  });
});

describe('readTypedPattern', () => {
  it('takes n:m with n below m, spaces or not', () => {
    expect(['2:4', ' 2 : 4 ', '7:8', '63:64'].map(readTypedPattern)).toEqual(['2:4', '2:4', '7:8', '63:64']);
    expect(['', '4:4', '4:2', '0:4', '2:65', '2', 'a:b'].map(readTypedPattern)).toEqual(Array(7).fill(null));
  });

  it('makes the sparsity of what is not kept', () => {
    expect(['2:4', '1:4', '7:8'].map(patternSparsity)).toEqual([0.5, 0.75, 0.125]);
  });
});
