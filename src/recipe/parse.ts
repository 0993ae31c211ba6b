/** Reads a recipe: from text to a checked value, or to problems with their places in the text. */

import * as v from 'valibot';
import { isMap, isNode } from 'yaml';
import { checkTree } from './check.ts';
import { nearest } from './nearest.ts';
import { createRanger, type Finding, type Problem } from './problem.ts';
import { checkRules } from './rules.ts';
import { fileSchema, type Recipe, toRecipe } from './schema.ts';
import { type Placed, readYaml, type YamlDocument } from './yaml-text.ts';

export interface ParsedRecipe {
  readonly recipe?: Recipe;
  readonly problems: readonly Problem[];
}

/**
 * Never throws. Later problems wait for earlier ones: the schema for sound YAML, the rules between keys for sound keys.
 *
 * @returns  the recipe unless a problem is an error; paths in it are as the user wrote them; the problems in order of the text
 */
export function parseRecipe(text: string): ParsedRecipe {
  return checkRecipe(text, readYaml(text));
}

/** The same for a text that has been read as YAML already. */
export function checkRecipe(text: string, { document, faults }: ReturnType<typeof readYaml>): ParsedRecipe {
  if (!document || faults.some(isError)) return { problems: placed(text, faults) };
  const { value, problems } = checkTree(text, document, fileSchema);
  if (lacksTarget(document, problems)) problems.push(missingTarget(document));
  if (problems.length > 0) return { problems: placed(text, [...faults, ...problems]) };
  const file = v.parse(fileSchema, value);
  const recipe = toRecipe(file);
  const findings = checkRules(recipe, file.sparsity).map((finding) => ({ ...finding, offsets: offsetsOf(document, finding) }));
  return { ...(!findings.some(isError) && { recipe }), problems: placed(text, [...faults, ...findings]) };
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

/** Of these a recipe needs one. */
const targets = ['sparsity', 'pattern'];

/** A key that was meant to be one of them, and is misspelt, is told of already. */
function lacksTarget({ contents }: YamlDocument, problems: readonly Placed[]): boolean {
  if (!isMap(contents) || targets.some((key) => contents.has(key))) return false;
  const isMeant = (key: string, keys: readonly string[]) => targets.some((target) => target === nearest(key, keys));
  return !problems.some(({ code, path, allowed = [] }) => code === 'UNKNOWN_KEY' && path.length === 1 && isMeant(String(path[0]), allowed));
}

function missingTarget({ contents }: YamlDocument): Placed {
  const start = contents?.range[0] ?? 0;
  return {
    code: 'MISSING_KEY',
    severity: 'error',
    message: 'a recipe needs the key sparsity (a number from 0 to 0.99) or pattern (n:m, such as 2:4)',
    path: ['sparsity'],
    hint: 'Write sparsity: 0.5 to prune half of the weights.',
    offsets: [start, start],
  };
}

/** Of the value a path leads to, or of the nearest thing that is there. */
function offsetsOf(document: YamlDocument, { path }: Finding): readonly [number, number] {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return [node.range[0], node.range[1]];
  }
  return [0, 0];
}

function placed(text: string, problems: readonly Placed[]): Problem[] {
  const range = createRanger(text);
  return problems
    .toSorted((a, b) => a.offsets[0] - b.offsets[0])
    .map(({ offsets, ...problem }) => ({ ...problem, range: range(...offsets) }));
}
