/** `secateur check RECIPE`: the recipe's problems, also those that only its checkpoint shows. */

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openCheckpoint } from '../engine/checkpoint.ts';
import { checkPlace, checkReplace } from '../engine/output-folder.ts';
import { calibrationLength, evaluationLength, planMatrices, type ResolvedRecipe, resolveRecipe } from '../engine/plan.ts';
import { SecateurError } from '../error.ts';
import { renderProblems, visible } from '../recipe/render.ts';
import { type Command, jsonOption } from './command.ts';
import { parseFile, setOption } from './recipe-file.ts';

export const check: Command = {
  usage: 'check RECIPE',
  summary: 'The problems of a recipe; exit code 1 if there are any.',
  options: { set: setOption, json: jsonOption },
  async run(args, world) {
    const { path, text, recipe, problems } = parseFile(args);
    const found = recipe ? await checkpointProblems(resolveRecipe(recipe, dirname(resolve(path)))) : [];
    if (args.options.json) world.out(`${JSON.stringify({ problems: [...problems, ...found] }, null, 2)}\n`);
    else if (problems.length > 0) world.err(`${renderProblems(text, problems, path)}\n`);
    if (!args.options.json)
      for (const { code, message, hint } of found)
        world.err(`${path}: error: ${visible(message)} [${code}]\n${hint ? `  ${visible(hint)}\n` : ''}`);
    const nErrors = problems.filter((problem) => problem.severity === 'error').length + found.length;
    if (nErrors === 0 && !args.options.json) world.out(`${path}: no problems\n`);
    return nErrors === 0 ? 0 : 1;
  },
};

type Found = Pick<SecateurError, 'code' | 'message' | 'hint'>;

/** What only shows beside the checkpoint: each check by itself, so that one problem does not hide the next. */
export async function checkpointProblems({ recipe, model, to, calibrationText, evaluationText }: ResolvedRecipe): Promise<Found[]> {
  const texts = [...calibrationText, ...evaluationText].filter((text) => text !== 'default');
  const missing = texts
    .filter((text) => !existsSync(text))
    .map((text): Found => ({ code: 'FILE_MISSING', message: `${text} is not there`, hint: undefined }));
  const opened = await attempt(() => openCheckpoint(model));
  if ('problem' in opened) return [...missing, opened.problem];
  const { value: checkpoint } = opened;
  const checks = [
    () => checkPlace(to, model, texts),
    () => checkReplace(to, recipe.save.overwrite),
    () => calibrationLength(recipe, checkpoint),
    () => evaluationLength(recipe, checkpoint),
    () => planMatrices(recipe, checkpoint),
  ];
  const outcomes = await Promise.all(checks.map((run) => attempt<unknown>(run)));
  return [...missing, ...outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome.problem] : []))];
}

async function attempt<T>(work: () => T | Promise<T>): Promise<{ readonly value: T } | { readonly problem: Found }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof SecateurError)) throw error;
    return { problem: { code: error.code, message: error.message, hint: error.hint } };
  }
}
