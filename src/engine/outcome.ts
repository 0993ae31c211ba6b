/** What has become of a result's folder so far. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../protocol/engine.ts';
import { reportFileName } from '../protocol/file-names.ts';
import type { Recipe } from '../recipe/schema.ts';
import { readFirstEntry } from './journal.ts';
import { lockName } from './lock.ts';
import { partialOf, readReportIn } from './output-folder.ts';
import type { ResolvedRecipe } from './plan.ts';
import { recipeKey } from './recipe-key.ts';
import { journalName } from './target.ts';

/** A run that was begun later than the result that is there, and has not ended, counts before that result. */
export function outcomeOf({ to, recipe }: Pick<ResolvedRecipe, 'to' | 'recipe'>): Outcome {
  const partial = partialOf(to);
  const begun = existsSync(partial) ? readdirSync(partial).filter((name) => !name.startsWith(lockName)) : [];
  if (begun.includes(journalName)) return { to, state: isOfRecipe(join(partial, journalName), recipe) ? 'partial' : 'other' };
  if (begun.includes(reportFileName)) return { to, state: 'partial' };
  if (existsSync(to)) return { to, state: readReportIn(to) ? 'finished' : 'foreign' };
  return { to, state: begun.length > 0 ? 'foreign' : 'absent' };
}

/** As far as the journal tells: one that an earlier version began tells nothing. */
function isOfRecipe(journal: string, recipe: Recipe): boolean {
  const first = readFirstEntry(journal);
  return first?.type !== 'run' || first.recipe === undefined || first.recipe === recipeKey(recipe);
}
