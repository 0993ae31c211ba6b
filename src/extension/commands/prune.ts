/** Prune: the run of a recipe; one that was stopped goes on. */

import { prune as startPrune } from '../jobs.ts';
import { recipeFor } from '../recipe-files.ts';
import type { CommandHandler } from './command.ts';

export const prune: CommandHandler = async (services, argument) => {
  const uri = await recipeFor(argument);
  return uri && startPrune(services, uri);
};
