/** What decides the bytes of a result: the hash of a run, and of its recipe's part alone, which needs no file. */

import { createHash } from 'node:crypto';
import { awaitedMeasure } from '../recipe/budget.ts';
import type { Recipe } from '../recipe/schema.ts';
import { version } from '../version.ts';
import { type Checkpoint, stampCheckpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import type { Texts } from './recipe-texts.ts';
import { environment } from './report.ts';

/** Runs with different hashes are different runs; with the same one they may still differ, in a text or the checkpoint. */
export function recipeKey(recipe: Recipe): string {
  return hash([version, decisive(recipe)]);
}

/** The hash of everything that decides the bytes of the result. */
export function runKey(recipe: Recipe, source: Checkpoint, texts: Texts, ctx: Context): string {
  return hash([
    version,
    decisive(recipe),
    ...stampCheckpoint(source),
    texts.calibration.sha256,
    texts.evaluation?.sha256,
    environment(ctx),
  ]);
}

/** Where the result is saved changes nothing in it, nor does how sensitivity is measured where the allocator is not fed by it. */
function decisive({ save: _save, measure, ...rest }: Recipe): Partial<Recipe> {
  return awaitedMeasure({ ...rest, measure }, null) === null ? rest : { ...rest, measure };
}

function hash(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
