/** Recipes as the editor has them: which one is meant, and its text as it stands, saved or not. */

import { homedir } from 'node:os';
import { basename, dirname, isAbsolute } from 'node:path';
import { TabInputCustom, TabInputText, type TextDocument, Uri, window, workspace } from 'vscode';
import { SecateurError } from '../error.ts';
import type { RecipeText } from '../protocol/engine.ts';
import { recipeEditor } from './contributes/editors.ts';
import { languageId } from './contributes/languages.ts';
import { withoutIcons } from './plain-text.ts';
import { leftOut } from './views/library.ts';

/**
 * The uri in what a command is given: a uri, its text (from a code lens) or a path, or an item of a view with a path.
 *
 * @returns `undefined` where it is none of these, as from the palette
 */
export function uriOf(argument: unknown): Uri | undefined {
  if (argument instanceof Uri) return argument;
  if (typeof argument === 'string') return isAbsolute(argument) ? Uri.file(argument) : Uri.parse(argument, true);
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { resourceUri, uri, path } = argument as { resourceUri?: unknown; uri?: unknown; path?: unknown };
  const own = [resourceUri, uri].find((value) => value instanceof Uri);
  if (own) return own as Uri;
  return typeof path === 'string' ? Uri.file(path) : undefined;
}

export function isRecipe(uri: Uri): boolean {
  return uri.path.endsWith('.prune.yaml');
}

/** The recipe that is looked at, in its panel or as text. */
export function activeRecipe(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof TabInputCustom && input.viewType === recipeEditor) return input.uri;
  if (input instanceof TabInputText && isRecipe(input.uri)) return input.uri;
  const document = window.activeTextEditor?.document;
  return document?.languageId === languageId ? document.uri : undefined;
}

/** The recipe a command is to work on: the one it was given, else the one that is looked at, else the one the user picks. */
export async function recipeFor(argument: unknown): Promise<Uri | undefined> {
  const given = uriOf(argument);
  if (given && isRecipe(given)) return given;
  return activeRecipe() ?? pickRecipe();
}

/** More are no list to choose from. */
const mostRecipes = 1000;

async function pickRecipe(): Promise<Uri | undefined> {
  const found = (await workspace.findFiles('**/*.prune.yaml', leftOut, mostRecipes)).toSorted((a, b) => a.path.localeCompare(b.path));
  if (found.length === 0)
    throw new SecateurError('FILE_MISSING', 'there is no recipe in this workspace', 'Write one with “Secateur: Prune Checkpoint…”.');
  if (found.length === 1) return found[0];
  const items = found.map((uri) => ({
    label: withoutIcons(basename(uri.path)),
    description: withoutIcons(workspace.asRelativePath(dirname(uri.path))),
    uri,
  }));
  return (await window.showQuickPick(items, { title: 'Recipe', placeHolder: 'Which recipe?', matchOnDescription: true }))?.uri;
}

export async function openRecipe(uri: Uri): Promise<TextDocument> {
  return workspace.textDocuments.find((document) => document.uri.toString() === uri.toString()) ?? workspace.openTextDocument(uri);
}

/** The text as it stands in the editor, saved or not, and the folder its paths are seen from. */
export function recipeText(document: TextDocument): RecipeText {
  return { text: document.getText(), folder: folderOf(document.uri) };
}

/** A recipe that was never saved has paths as a terminal would: from the first folder of the workspace, or the user's own. */
function folderOf(uri: Uri): string {
  if (uri.scheme !== 'untitled') return dirname(uri.fsPath);
  return workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
}
