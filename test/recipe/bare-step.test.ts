import { expect, it } from 'vitest';
import { bareAllocate, bareMeasure } from '../../src/recipe/bare-step.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';

it('is what a recipe says that names the method alone', () => {
  const { recipe } = parseRecipe('model: ./m\nsparsity: 0.5\nmeasure: { method: scan }\nallocate: { method: prior }\n');
  expect(bareMeasure('scan')).toEqual(recipe!.measure);
  expect(bareAllocate('prior')).toEqual(recipe!.allocate);
  expect(bareAllocate('prior')).toMatchObject({ method: 'prior', min: 0, max: 1, fixed: {} });
});
