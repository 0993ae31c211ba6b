/** Measure Sensitivity: how much each matrix of a recipe's checkpoint minds being pruned. */

import { measure as startMeasure } from '../jobs.ts';
import { recipeFor } from '../recipe-files.ts';
import type { CommandHandler } from './command.ts';

export const measure: CommandHandler = async (services, argument) => {
  const uri = await recipeFor(argument);
  return uri && startMeasure(services, uri);
};
