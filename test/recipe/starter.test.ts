import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { starterRecipe } from '../../src/recipe/starter.ts';

describe('starterRecipe', () => {
  it('is read without a problem, and prunes by the sweep with a least-squares finish', () => {
    const text = starterRecipe({ model: "../it's: #1", sparsity: 0.6, text: 'my text.txt', evaluateText: './wiki.txt', maxLength: 512 });
    expect(parseRecipe(text)).toMatchObject({
      problems: [],
      recipe: {
        model: "../it's: #1",
        sparsity: 0.6,
        calibrate: { text: 'my text.txt', length: 512 },
        solve: { method: 'obs', score: { method: 'obs' }, finish: { method: 'least-squares' } },
        evaluate: { text: './wiki.txt' },
      },
    });
  });

  it('says only what the recipe would be without it, but for the finish and what shares out the zeros', () => {
    const { recipe } = parseRecipe(starterRecipe({ model: 'a', sparsity: 0.5 }));
    const { recipe: shortest } = parseRecipe(
      'model: a\nsparsity: 0.5\nsolve: { finish: { method: least-squares } }\nallocate: { method: curves }',
    );
    expect(recipe).toEqual(shortest);
  });

  it('has the evaluation as a comment that only needs its # taken away', () => {
    const text = starterRecipe({ model: 'a', sparsity: 0.5 });
    expect(parseRecipe(text).recipe).not.toHaveProperty('evaluate');
    expect(parseRecipe(text.replace(/^# (evaluate:| {2}text: )/gm, '$1'))).toMatchObject({
      problems: [],
      recipe: { evaluate: { text: './some-text.txt' } },
    });
  });

  it('writes a pattern in the place of the sparsity', () => {
    const text = starterRecipe({ model: 'a', sparsity: 0.6, pattern: '2:4' });
    expect(parseRecipe(text)).toMatchObject({ problems: [], recipe: { pattern: { n: 2, m: 4 }, sparsity: 0.5 } });
    expect(text).not.toMatch(/^sparsity/m);
  });

  it('never asks for windows longer than 2048 or than the model takes', () => {
    expect(parseRecipe(starterRecipe({ model: 'a', sparsity: 0.5, maxLength: 131072 })).recipe?.calibrate.length).toBe(2048);
    expect(parseRecipe(starterRecipe({ model: 'a', sparsity: 0.5, maxLength: 256 })).recipe?.calibrate.length).toBe(256);
  });

  it('comments every step', () => {
    const text = starterRecipe({ model: 'a', sparsity: 0.5, evaluateText: 'w.txt' });
    for (const step of ['sparsity', 'calibrate', 'allocate', 'solve', 'evaluate', 'save'])
      expect(text).toMatch(new RegExp(`^# .+\\n${step}:`, 'm'));
  });
});

describe('docs/recipe.md', () => {
  it('shows only recipes that are read without a problem', () => {
    const page = readFileSync(new URL('../../docs/recipe.md', import.meta.url), 'utf8');
    const recipes = Array.from(page.matchAll(/```yaml\n(.*?)```/gs), ([, recipe]) => recipe);
    expect(recipes.length).toBeGreaterThan(2);
    for (const recipe of recipes) expect(parseRecipe(recipe).problems, recipe).toEqual([]);
  });
});
