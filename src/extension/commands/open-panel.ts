/** Open Panel: a recipe in its panel. */

import { commands } from 'vscode';
import { recipeEditor } from '../contributes/editors.ts';
import { recipeFor } from '../recipe-files.ts';
import type { CommandHandler } from './command.ts';

export const openPanel: CommandHandler = async (_services, argument) => {
  const uri = await recipeFor(argument);
  return uri && commands.executeCommand('vscode.openWith', uri, recipeEditor);
};
