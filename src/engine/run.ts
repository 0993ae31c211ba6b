/** The main job, from a recipe to a pruned checkpoint with its report. Each step is journaled; a second run resumes a dead one. */

import { dirname } from 'node:path';
import type { Report } from '../protocol/report.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { controlOnce } from './control.ts';
import { digestFiles } from './digest.ts';
import { type BlockMatrix, findEntry } from './journal.ts';
import { checkNeeds } from './needs.ts';
import { checkPlace, checkReplace, readReportIn } from './output-folder.ts';
import { makePlan, planMatrices, type ResolvedRecipe } from './plan.ts';
import { pruneBlocks } from './prune.ts';
import { recipeKey, runKey } from './recipe-key.ts';
import { readTexts } from './recipe-texts.ts';
import { makeReport } from './report.ts';
import { resultFiles, resultNames } from './result-files.ts';
import { evaluateOnce, type MeasureOptions, measureOnce } from './run-once.ts';
import { createStopwatch } from './stopwatch.ts';
import { hasBegun, lockOutput, openTarget, publishFinished } from './target.ts';

export interface RunOptions extends MeasureOptions {
  /** Starts over, and replaces an earlier result of Secateur at the same place. */
  readonly fresh: boolean;
  /** The recipe as its user wrote it, comments and all; a copy goes with the result. */
  readonly recipeText: string;
  /** Called for every block that is finished, also for those that an earlier sitting of this run has finished. */
  readonly onBlock?: (matrices: readonly BlockMatrix[]) => void;
}

/** Prunes one checkpoint. */
export async function run(resolved: ResolvedRecipe, options: RunOptions, lent: Context): Promise<Report> {
  const { recipe, model, to } = resolved;
  const ctx = { ...lent, scratchFolder: lent.scratchFolder ?? dirname(to) };
  const stopwatch = createStopwatch();
  const source = await openCheckpoint(model);
  checkPlace(
    to,
    model,
    [...resolved.calibrationText, ...resolved.evaluationText].filter((path) => path !== 'default'),
  );
  checkReplace(to, true);
  const texts = await stopwatch.time('tokenise', () => readTexts(resolved, source, ctx));
  const { calibration, evaluation } = texts;
  const plan = await makePlan(resolved, source, ctx, {
    length: calibration.length,
    ...(evaluation && { evaluation: { windows: evaluation.samples, length: evaluation.length } }),
  });
  checkNeeds(plan.needs, to, ctx);

  const key = runKey(recipe, source, texts, ctx);
  using _lock = lockOutput(to);
  const isPublished = publishFinished(to);
  const mayReplace = options.fresh || recipe.save.overwrite || hasBegun(to, key);
  const earlier = readReportIn(to);
  if (earlier?.key === key && (isPublished || !mayReplace)) {
    ctx.log(`${to} is the result of this very run already`);
    return earlier;
  }
  checkReplace(to, mayReplace);
  using target = await openTarget(source, to, { key, recipe: recipeKey(recipe), fresh: options.fresh }, ctx);
  const copied = findEntry(target.journal, 'copied')!;
  const sensitivity = await measureOnce(resolved, options, target, ctx);
  const matrices = planMatrices(recipe, source, { sourceZeros: copied.zeros, sensitivity });
  const before = await evaluateOnce('before', source, texts, target, ctx);
  const task = { source, target, recipe, windows: calibration, matrices, sourceZeros: copied.zeros };
  await pruneBlocks(task, ctx, options.onBlock);
  const after = await evaluateOnce('after', { model: source.model, weights: target.weights }, texts, target, ctx);
  const control = await controlOnce(task, texts, key, ctx);
  const digests = await stopwatch.time('read back', () => {
    const tensors = source.linears.map((linear) => source.tensors.get(linear.tensor)!);
    return digestFiles(target.folder, source.files, { step: 'save', tensors }, ctx);
  });
  const timing = [...target.journal.entries.flatMap((entry) => ('steps' in entry ? entry.steps : [])), ...stopwatch.steps()];
  const found = { sensitivity, before, after, control };
  const report = makeReport({ key, ownNames: resultNames(to), resolved, plan, texts, copied, digests, timing, ...found, target, ctx });
  target.finish(resultFiles(report, options.recipeText, resolved));
  return report;
}
