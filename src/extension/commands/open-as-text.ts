/** Open as Text: a recipe in the text editor. */

import { commands } from 'vscode';
import { recipeFor } from '../recipe-files.ts';
import type { CommandHandler } from './command.ts';

export const openAsText: CommandHandler = async (_services, argument) => {
  const uri = await recipeFor(argument);
  return uri && commands.executeCommand('vscode.openWith', uri, 'default');
};
