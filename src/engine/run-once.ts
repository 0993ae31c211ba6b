/** Steps of a run that are done once: what the journal has of an earlier sitting is not done again. */

import type { Sensitivity } from '../methods/sensitivity.ts';
import type { Perplexity } from '../protocol/report.ts';
import { awaitedMeasure } from '../recipe/budget.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { evaluate } from './evaluate.ts';
import { findEntry } from './journal.ts';
import { measure, type OnFound } from './measure.ts';
import type { ResolvedRecipe } from './plan.ts';
import type { Texts } from './recipe-texts.ts';
import { createStopwatch } from './stopwatch.ts';
import type { Target } from './target.ts';

export interface MeasureOptions {
  /** Where sensitivities are kept; nowhere, unless given. */
  readonly cacheFolder?: string | undefined;
  /** Called with what is found of matrices, or was found before. */
  readonly onFound?: OnFound;
}

/** What the recipe's allocator is fed; `null` where it takes nothing. Errors as those of `measure`. */
export async function measureOnce(
  resolved: ResolvedRecipe,
  { cacheFolder, onFound }: MeasureOptions,
  { journal }: Target,
  ctx: Context,
): Promise<Sensitivity | null> {
  if (awaitedMeasure(resolved.recipe, null) === null) return null;
  const known = findEntry(journal, 'measured');
  if (known) {
    onFound?.(known.sensitivity.matrices);
    return known.sensitivity;
  }
  const stopwatch = createStopwatch();
  const sensitivity = await stopwatch.time('measure', () => measure(resolved, cacheFolder, ctx, onFound));
  journal.append({ type: 'measured', sensitivity, steps: stopwatch.steps() });
  return sensitivity;
}

/** Perplexity on the recipe's evaluation text; `undefined` where there is none. Errors as those of `evaluate`. */
export async function evaluateOnce(
  when: 'before' | 'after',
  checkpoint: Pick<Checkpoint, 'model' | 'weights'>,
  { evaluation }: Texts,
  { journal }: Target,
  ctx: Context,
): Promise<Perplexity | undefined> {
  const known = findEntry(journal, when);
  if (known) return known.perplexity;
  if (!evaluation) return undefined;
  const step = `evaluate ${when}` as const;
  const total = evaluation.samples * evaluation.length;
  const stopwatch = createStopwatch();
  const perplexity = await stopwatch.time(step, () =>
    evaluate(checkpoint, evaluation, ctx, (at) =>
      ctx.onProgress({ step, done: (at.done / at.total) * total, total, unit: 'tokens', detail: at.detail }),
    ),
  );
  journal.append({ type: when, perplexity, steps: stopwatch.steps() });
  return perplexity;
}
