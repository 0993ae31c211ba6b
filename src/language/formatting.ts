/** Formats a recipe: white space only, in as many small edits as there are places to change. */

import type { TextEdit } from 'vscode-languageserver';
import { formatEdits } from '../recipe/format.ts';
import type { Analysis } from './analysis.ts';

/** None for a text that is not sound YAML. */
export function formatting({ text, range }: Analysis): TextEdit[] {
  return formatEdits(text).map(({ offset, length, text }) => ({ range: range([offset, offset + length]), newText: text }));
}
