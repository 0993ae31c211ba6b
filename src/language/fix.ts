/** One way out of a flaw: its name, and the edits of the text. */

import { SecateurError } from '../error.ts';
import { setValue } from '../recipe/edit.ts';
import type { Setting } from '../recipe/flow-text.ts';
import type { Path } from '../recipe/problem.ts';
import type { TextEdit } from '../recipe/source.ts';
import { attempt } from './study.ts';

export interface Fix {
  readonly title: string;
  /** Apart from each other and in order; none where the text is too broken to be edited. */
  readonly edits: readonly TextEdit[];
}

/** Sets one value. */
export function settingFix(title: string, text: string, path: Path, value: Setting): Fix {
  const edited = attempt(() => setValue(text, path, value));
  return { title, edits: edited instanceof SecateurError ? [] : edited.edits };
}

/** Puts a word in the place of another. */
export function wordFix(word: string, written: string, [start, end]: readonly [number, number]): Fix {
  return { title: `Change to ${word}`, edits: [{ offset: start, length: end - start, text: written }] };
}
