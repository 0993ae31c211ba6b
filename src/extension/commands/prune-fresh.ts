/** Prune, Starting Over: leaves what an earlier run of the recipe has done, and replaces its result. */

import { prune } from '../jobs.ts';
import { recipeFor } from '../recipe-files.ts';
import type { CommandHandler } from './command.ts';

export const pruneFresh: CommandHandler = async (services, argument) => {
  const uri = await recipeFor(argument);
  return uri && prune(services, uri, { fresh: true });
};
