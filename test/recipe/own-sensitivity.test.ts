import { expect, it } from 'vitest';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import { ownSensitivity } from '../../src/recipe/own-sensitivity.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';

it('only what the recipe’s own measure found feeds its budget', () => {
  const { recipe } = parseRecipe('model: a\nsparsity: 0.5\nmeasure: { method: fisher }');
  const sensitivity: Sensitivity = { method: 'fisher', gives: 'value', unit: '', matrices: [], description: '' };
  expect(ownSensitivity(recipe!, sensitivity)).toBe(sensitivity);
  expect(ownSensitivity(recipe!, { ...sensitivity, method: 'scan' })).toBeNull();
  expect(ownSensitivity(recipe!, null)).toBeNull();
});
