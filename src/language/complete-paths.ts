/** Files and folders for the paths of a recipe, one part of the path at a time. */

import { CompletionItemKind } from 'vscode-languageserver';
import { textEndings } from '../recipe/steps.ts';
import type { Completions, Proposal } from './complete.ts';
import type { Cursor } from './cursor.ts';
import type { RecipePath } from './facts.ts';

/** @param path  of the folder, relative to the recipe or absolute; `.` for the recipe's own */
export type ListFolder = (path: string) => Promise<readonly { readonly name: string; readonly isFolder: boolean }[]>;

const mostShown = 500;

/** @param fallback  the value that is meant where none is written, if it is a word such as `default` */
export async function pathCompletions(
  { word, hasColon }: Cursor,
  place: RecipePath['place'],
  fallback: unknown,
  list: ListFolder | undefined,
): Promise<Completions> {
  const folder = word.slice(0, Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1);
  const begun = folder === '' ? './' : folder;
  const named: Proposal[] =
    typeof fallback === 'string' && folder === '' ? [{ word: fallback, kind: CompletionItemKind.Value, detail: 'default' }] : [];
  const entries = list && !hasColon ? await list(begun) : [];
  const fitting = entries.filter(({ name, isFolder }) => !name.startsWith('.') && (isFolder || (place === 'text' && isText(name))));
  const found = fitting.slice(0, mostShown).map(({ name, isFolder }): Proposal => {
    const path = `${begun}${name}`;
    return { word: isFolder ? `${path}/` : path, kind: isFolder ? CompletionItemKind.Folder : CompletionItemKind.File, goesOn: isFolder };
  });
  return { items: [...named, ...found], isIncomplete: fitting.length > mostShown };
}

function isText(name: string): boolean {
  return textEndings.some((ending) => name.toLowerCase().endsWith(ending));
}
