/** Resume: goes on with the run of a recipe that stopped or died; without a recipe, with the last such run. */

import { Uri } from 'vscode';
import { SecateurError } from '../../error.ts';
import { prune } from '../jobs.ts';
import { activeRecipe, isRecipe, uriOf } from '../recipe-files.ts';
import { isResumable } from '../run-list.ts';
import type { CommandHandler } from './command.ts';

export const resume: CommandHandler = async (services, argument) => {
  const given = uriOf(argument);
  const last = services.runs.list.find((run) => isResumable(run) && run.recipe !== null)?.recipe;
  const uri = given && isRecipe(given) ? given : (activeRecipe() ?? (last ? Uri.parse(last) : undefined));
  if (!uri) throw new SecateurError('FILE_MISSING', 'there is no run that could go on', 'Start one with “Secateur: Prune”.');
  return prune(services, uri);
};
