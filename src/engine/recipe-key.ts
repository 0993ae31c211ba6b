/** What of a recipe decides the bytes of the result, and a hash of it that needs no file. */

import { createHash } from 'node:crypto';
import type { Recipe } from '../recipe/schema.ts';
import { version } from '../version.ts';

/** Where the result is saved and how sensitivity is measured change nothing in it. */
export function decisive({ save: _save, measure: _measure, ...rest }: Recipe): Omit<Recipe, 'save' | 'measure'> {
  return rest;
}

/** Runs with different hashes are different runs; with the same one they may still differ, in a text or the checkpoint. */
export function recipeKey(recipe: Recipe): string {
  return createHash('sha256')
    .update(JSON.stringify([version, decisive(recipe)]))
    .digest('hex');
}
