/** What a recipe's text is by itself: the recipe, its problems, and its keys with their places. */

import type { Range } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type Offsets, type OutlineNode, readOutline } from '../recipe/outline.ts';
import { checkRecipe } from '../recipe/parse.ts';
import type { Problem } from '../recipe/problem.ts';
import type { Recipe } from '../recipe/schema.ts';
import { readYaml } from '../recipe/yaml-text.ts';

export interface Analysis {
  readonly text: string;
  /** Absent while a problem is an error. */
  readonly recipe: Recipe | undefined;
  readonly problems: readonly Problem[];
  readonly outline: OutlineNode;
  /** Offsets in the editor's terms. */
  range(offsets: Offsets): Range;
}

/** Never throws, whatever the text. */
export function analyse(text: string): Analysis {
  const yaml = readYaml(text);
  const { recipe, problems } = checkRecipe(text, yaml);
  const document = TextDocument.create('', 'prune-yaml', 0, text);
  return {
    text,
    recipe,
    problems,
    outline: readOutline(text, yaml.document),
    range: ([start, end]) => ({ start: document.positionAt(start), end: document.positionAt(end) }),
  };
}
