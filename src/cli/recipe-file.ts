/** Reads a recipe file for a command: applies `--set`, shows problems with a caret, resolves paths. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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

export interface RecipeFile {
  readonly path: string;
  /** The text with every `--set` applied. */
  readonly text: string;
  readonly resolved: ResolvedRecipe;
}

/** @throws `BAD_RECIPE` after the problems have been shown */
export function readRecipe(args: Arguments, world: World): RecipeFile {
  const { path, text, recipe, problems } = parseFile(args);
  if (problems.length > 0) world.err(`${renderProblems(text, problems, path)}\n`);
  if (!recipe) throw new SecateurError('BAD_RECIPE', `${path} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`);
  return { path, text, resolved: resolveRecipe(recipe, dirname(resolve(path))) };
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
