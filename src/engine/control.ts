/** The uniform control of a run: as many zeros shared out uniformly, all else the same, for the report alone. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress, StepName } from '../protocol/data.ts';
import type { MatrixReport, Perplexity, StepReport } from '../protocol/report.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Context } from './context.ts';
import { digestFiles } from './digest.ts';
import { findEntry } from './journal.ts';
import { partialOf } from './output-folder.ts';
import { planMatrices } from './plan.ts';
import { type PruneTask, pruneBlocks } from './prune.ts';
import { recipeKey } from './recipe-key.ts';
import type { Texts } from './recipe-texts.ts';
import { countWritten } from './report.ts';
import { evaluateOnce } from './run-once.ts';
import { createStopwatch, sumSteps } from './stopwatch.ts';
import { lockOutput, openTarget } from './target.ts';

export interface Control {
  /** In the order of the checkpoint. */
  readonly matrices: readonly MatrixReport[];
  readonly perplexity: Perplexity;
}

/** In the unfinished result's own folder, so that it goes with it whatever happens. */
const folderName = 'control';

/**
 * Prunes and evaluates the control, with a journal of its own, unless the run's journal has it; its checkpoint is not kept.
 *
 * @param task  of the run itself
 * @param key   of the run itself
 * @returns     `undefined` where the recipe asks for none, and where the budget of the run is the uniform one
 */
export async function controlOnce(task: PruneTask, texts: Texts, key: string, ctx: Context): Promise<Control | undefined> {
  if (!task.recipe.evaluate?.control) return undefined;
  const { journal, folder } = task.target;
  const to = join(folder, folderName);
  if (!findEntry(journal, 'control')) {
    const matrices = planMatrices(uniform(task.recipe), task.source, { sourceZeros: task.sourceZeros });
    if (matrices.every(({ zeros }, i) => zeros === task.matrices[i].zeros)) return undefined;
    const { steps, ...control } = await pruneControl({ ...task, recipe: uniform(task.recipe), matrices }, texts, { key, to }, ctx);
    journal.append({ type: 'control', ...control, steps: sumSteps(steps.map((step) => ({ ...step, step: 'uniform control' }))) });
  }
  // Also what a process has left that died just here.
  rmSync(partialOf(to), { recursive: true, force: true });
  return findEntry(journal, 'control');
}

function uniform(recipe: Recipe): Recipe {
  const { min, max, fixed } = recipe.allocate;
  return { ...recipe, allocate: { method: 'uniform', min, max, fixed } };
}

async function pruneControl(
  task: Omit<PruneTask, 'target'>,
  texts: Texts,
  { key, to }: { readonly key: string; readonly to: string },
  lent: Context,
): Promise<Control & { readonly steps: readonly StepReport[] }> {
  const ctx = { ...lent, onProgress: (progress: Progress) => lent.onProgress({ ...progress, step: named(progress.step) }) };
  const { source } = task;
  using _lock = lockOutput(to);
  using target = await openTarget(source, to, { key, recipe: recipeKey(task.recipe), fresh: false }, ctx);
  await pruneBlocks({ ...task, target }, ctx);
  const perplexity = await evaluateOnce('after', { model: source.model, weights: target.weights }, texts, target, ctx);
  if (!perplexity) throw new TypeError('a recipe that asks for a control has an evaluation text');
  const stopwatch = createStopwatch();
  const tensors = source.linears.map((linear) => source.tensors.get(linear.tensor)!);
  const digests = await stopwatch.time('read back', () => digestFiles(target.folder, source.files, { step: 'save', tensors }, ctx));
  const steps = [...target.journal.entries.flatMap((entry) => ('steps' in entry ? entry.steps : [])), ...stopwatch.steps()];
  return { matrices: countWritten(target, digests), perplexity, steps };
}

/** Whoever watches is to know the second pruning from the first. */
function named(step: StepName): StepName {
  if (step === 'prune') return 'prune control';
  return step === 'evaluate after' ? 'evaluate control' : step;
}
