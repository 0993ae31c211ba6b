/** Every file that is made from the code, and what it should hold. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { renderProblems } from '../../src/recipe/render.ts';
import { errorsPage } from './errors-page.ts';
import { recipeJsonSchema } from './json-schema.ts';
import { manifest } from './manifest.ts';
import { methodsPage } from './methods-page.ts';
import { recipePage } from './recipe-page.ts';

const badRecipes = 'test/golden/recipe';

/** @returns  contents by path from the repository's root */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const names = readdirSync(join(root, badRecipes)).filter((name) => name.endsWith('.prune.yaml'));
  return new Map([
    ['docs/errors.md', errorsPage()],
    ['docs/methods.md', methodsPage()],
    ['docs/recipe.md', recipePage()],
    ['media/recipe.schema.json', recipeJsonSchema()],
    ['package.json', manifest(readFileSync(join(root, 'package.json'), 'utf8'))],
    ...names.map((name): [string, string] => [join(badRecipes, name.replace(/\.prune\.yaml$/, '.problems.txt')), problemsOf(root, name)]),
  ]);
}

function problemsOf(root: string, name: string): string {
  const text = readFileSync(join(root, badRecipes, name), 'utf8');
  return `${renderProblems(text, parseRecipe(text).problems, name)}\n`;
}
