/** Reads a recipe file for a command: applies `--set`, shows problems with a caret, resolves paths. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findCacheFolder } from '../engine/cache-folder.ts';
import { type ResolvedRecipe, resolveRecipe } from '../engine/plan.ts';
import { SecateurError } from '../error.ts';
import { setValue } from '../recipe/edit.ts';
import { parseRecipe } from '../recipe/parse.ts';
import { renderProblems } from '../recipe/render.ts';
import { readSetting } from '../recipe/setting.ts';
import type { Arguments, CommandOption, World } from './command.ts';

export const setOption: CommandOption = {
  type: 'string',
  value: 'KEY=VALUE',
  multiple: true,
  help: 'Change one key of the recipe for this run, such as sparsity=0.6 or solve.damping=0.1. Repeatable.',
};

/** Options of the commands that measure, or use what was measured. */
export const cacheOptions = {
  cache: {
    type: 'string',
    value: 'DIR',
    help: 'Folder that keeps measured sensitivities (default: .secateur, nearest to the recipe or at the root of its repository).',
  },
  'no-cache': { type: 'boolean', help: 'Measure anew, and keep nothing.' },
  'gram-cache': {
    type: 'string',
    value: 'SIZE',
    help: 'What the statistics that measures share may take in that folder (default: 2GiB); 0 keeps none.',
  },
} as const satisfies Record<string, CommandOption>;

export interface RecipeFile {
  readonly path: string;
  /** The text with every `--set` applied. */
  readonly text: string;
  readonly resolved: ResolvedRecipe;
  /** Where sensitivities are kept, absolute; `undefined` where none shall be. */
  readonly cacheFolder: string | undefined;
}

/** @throws `BAD_RECIPE` after the problems have been shown */
export function readRecipe(args: Arguments, world: World): RecipeFile {
  const { path, text, recipe, problems } = parseFile(args);
  if (problems.length > 0) world.err(`${renderProblems(text, problems, path)}\n`);
  if (!recipe) throw new SecateurError('BAD_RECIPE', `${path} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`);
  const folder = dirname(resolve(path));
  return { path, text, resolved: resolveRecipe(recipe, folder), cacheFolder: cacheFolderOf(args, folder) };
}

function cacheFolderOf({ options }: Arguments, folder: string): string | undefined {
  const { cache, 'no-cache': none } = options as { readonly cache?: string; readonly 'no-cache'?: boolean };
  if (none && cache !== undefined) throw new SecateurError('BAD_ARGUMENT', '--cache and --no-cache exclude each other', 'Take one out.');
  if (none) return undefined;
  return cache === undefined ? findCacheFolder(folder) : resolve(cache);
}

/** The recipe a command names, `--set` applied, with its problems. */
export function parseFile(args: Arguments) {
  const path = args.positionals[0];
  const text = applySettings(readText(path), (args.options.set ?? []) as readonly string[]);
  return { path, text, ...parseRecipe(text) };
}

function readText(path: string): string {
  if (!existsSync(path)) throw new SecateurError('FILE_MISSING', `${path} is not there`, 'Write one with: secateur init CHECKPOINT.');
  return readFileSync(path, 'utf8');
}

function applySettings(text: string, settings: readonly string[]): string {
  return settings.reduce((edited, setting) => {
    const { path, value } = readSetting(setting);
    return setValue(edited, path, value).text;
  }, text);
}
