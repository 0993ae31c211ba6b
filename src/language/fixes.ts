/** Quick fixes: the ways out of the flaws in a range, as the smallest edits. One that would not mend its flaw is not offered. */

import { type CodeAction, CodeActionKind, type Diagnostic } from 'vscode-languageserver';
import type { Offsets } from '../recipe/outline.ts';
import { parseRecipe } from '../recipe/parse.ts';
import { pathName } from '../recipe/problem.ts';
import { budgetFixes, globFixes } from './budget-fixes.ts';
import { diagnosticOf, type Flaw, findFlaws } from './diagnose.ts';
import type { Fix } from './fix.ts';
import type { Study } from './study.ts';
import { keyFixes, missingKeyFixes, valueFixes } from './text-fixes.ts';

/** Whether a fix mends is found by reading the mended text; so many characters are read for one request. */
const mostCharacters = 2 ** 20;

/** @param within  the selection, or the place of the cursor */
export function quickFixes(study: Study, uri: string, within: Offsets): CodeAction[] {
  const { analysis } = study;
  const flaws = findFlaws(study).filter(({ offsets }) => offsets[0] <= within[1] && offsets[1] >= within[0]);
  const most = Math.max(2, Math.floor(mostCharacters / (analysis.text.length + 1)));
  return flaws
    .slice(0, most)
    .flatMap((flaw) => fixesOf(study, flaw).map((fix, i) => ({ flaw, fix, isFirst: i === 0 })))
    .slice(0, most)
    .filter(({ flaw, fix }) => mends(analysis.text, flaw, fix))
    .map(({ flaw, fix, isFirst }) => actionOf(study, uri, diagnosticOf(analysis, flaw), fix, isFirst));
}

function fixesOf({ analysis, budget }: Study, flaw: Flaw): readonly Fix[] {
  switch (flaw.code) {
    case 'UNKNOWN_KEY':
      return keyFixes(flaw);
    case 'UNKNOWN_METHOD':
    case 'BAD_VALUE':
    case 'CONTRADICTION':
    case 'BAD_ARGUMENT':
      return valueFixes(analysis, flaw);
    case 'MISSING_KEY':
      return missingKeyFixes(analysis, flaw);
    case 'BAD_RECIPE':
      return budget ? globFixes(analysis, budget, flaw) : [];
    case 'BUDGET_INFEASIBLE':
      return budget ? budgetFixes(analysis, budget) : [];
    default:
      return [];
  }
}

/** Whether the fix leaves sound YAML, no key twice, and no error of the text at the flaw's place. */
function mends(text: string, { path }: Flaw, { edits }: Fix): boolean {
  if (edits.length === 0) return false;
  const mended = edits.reduceRight((after, edit) => after.slice(0, edit.offset) + edit.text + after.slice(edit.offset + edit.length), text);
  const errors = parseRecipe(mended).problems.filter(({ severity }) => severity === 'error');
  const place = pathName(path);
  return !errors.some(({ code, path }) => code === 'NOT_YAML' || code === 'DUPLICATE_KEY' || pathName(path) === place);
}

function actionOf({ analysis }: Study, uri: string, diagnostic: Diagnostic, { title, edits }: Fix, isPreferred: boolean): CodeAction {
  const changes = edits.map(({ offset, length, text }) => ({ range: analysis.range([offset, offset + length]), newText: text }));
  return { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], isPreferred, edit: { changes: { [uri]: changes } } };
}
