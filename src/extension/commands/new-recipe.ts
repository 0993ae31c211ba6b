/** New Recipe…: a recipe with the good defaults for a checkpoint, open in its panel. */

import { commands } from 'vscode';
import { recipeEditor } from '../contributes/editors.ts';
import { writeRecipe } from '../new-recipe-file.ts';
import { checkpointOf, pickCheckpoint } from '../pick.ts';
import { uriOf } from '../recipe-files.ts';
import { methodChoices } from '../wizard-answers.ts';
import type { CommandHandler } from './command.ts';

export const newRecipe: CommandHandler = async (services, argument) => {
  const given = uriOf(argument);
  const model = given ? checkpointOf(given) : await pickCheckpoint(services, 'New Recipe');
  if (model === undefined || model === 'back') return undefined;
  const [method] = methodChoices();
  const text = services.calibrationText(model);
  const uri = await writeRecipe(services, { model, sparsity: 0.5, pattern: null, method: method!.id, text });
  await commands.executeCommand('vscode.openWith', uri, recipeEditor);
  return uri;
};
