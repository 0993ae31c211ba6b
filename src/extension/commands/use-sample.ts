/** Use Sample Checkpoint: copies the small checkpoint that comes with Secateur into a folder, with a recipe beside it. */

import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, Uri, window, workspace } from 'vscode';
import { recipeEditor } from '../contributes/editors.ts';
import { writeRecipe } from '../new-recipe-file.ts';
import { freeName } from '../paths.ts';
import { uriOf } from '../recipe-files.ts';
import { methodChoices } from '../wizard-answers.ts';
import type { CommandHandler } from './command.ts';

/** Nothing that is there already is written over; a sample that is there is used as it is. */
export const useSample: CommandHandler = async (services, argument) => {
  const folder = uriOf(argument) ?? (await pickFolder());
  if (!folder) return undefined;
  const bundled = services.context.asAbsolutePath(join('media', 'sample'));
  const isSample = (path: string) => existsSync(join(path, 'config.json')) && existsSync(join(path, 'calibration.txt'));
  const model = freeName(join(folder.fsPath, 'sample'), '', (path) => existsSync(path) && !isSample(path));
  await cp(bundled, model, { recursive: true, force: false });
  const before = `${model}.prune.yaml`;
  const uri = existsSync(before) ? Uri.file(before) : await writeSampleRecipe(services, model);
  services.library.refresh();
  // A folder that is opened makes the window begin anew; that the recipe is opened there is the editor's own doing, and needs nothing of us.
  if (workspace.getWorkspaceFolder(folder)) await commands.executeCommand('vscode.openWith', uri, recipeEditor);
  else await commands.executeCommand('vscode.openFolder', folder, { filesToOpen: [uri] });
  return uri;
};

function writeSampleRecipe(services: Parameters<CommandHandler>[0], model: string): Promise<Uri> {
  const [method] = methodChoices();
  const answers = { model, sparsity: 0.5, pattern: null, method: method!.id, text: join(model, 'calibration.txt') };
  return writeRecipe(services, answers, join(model, 'evaluation.txt'));
}

async function pickFolder(): Promise<Uri | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 1) return folders[0]!.uri;
  if (folders.length > 1) return (await window.showWorkspaceFolderPick({ placeHolder: 'Into which folder?' }))?.uri;
  const title = 'Into which folder?';
  return (await window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title, openLabel: 'Use Folder' }))?.[0];
}
