/** The main job, from a recipe to a pruned checkpoint with its report. Each step is journaled; a second run resumes a dead one. */

import { createHash } from 'node:crypto';
import { basename, dirname, relative } from 'node:path';
import { reportFileName, reportTwinName } from '../protocol/file-names.ts';
import type { Perplexity, Report } from '../protocol/report.ts';
import { renderReport } from '../protocol/report-markdown.ts';
import { setValue } from '../recipe/edit.ts';
import { version } from '../version.ts';
import { type Checkpoint, openCheckpoint, stampCheckpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { digestFiles } from './digest.ts';
import { evaluate } from './evaluate.ts';
import type { BlockMatrix, JournalEntry } from './journal.ts';
import { checkNeeds } from './needs.ts';
import { checkPlace, checkReplace, readReportIn } from './output-folder.ts';
import { makePlan, planMatrices, type ResolvedRecipe } from './plan.ts';
import { pruneBlocks } from './prune.ts';
import { decisive, recipeKey } from './recipe-key.ts';
import { readTexts, type Texts } from './recipe-texts.ts';
import { environment, makeReport } from './report.ts';
import { createStopwatch } from './stopwatch.ts';
import { hasBegun, lockOutput, openTarget, publishFinished, type Target } from './target.ts';

export interface RunOptions {
  /** Starts over, and replaces an earlier result of Secateur at the same place. */
  readonly fresh: boolean;
  /** The recipe as its user wrote it, comments and all; a copy goes with the result. */
  readonly recipeText: string;
  /** Called for every block that is finished, also for those that an earlier sitting of this run has finished. */
  readonly onBlock?: (matrices: readonly BlockMatrix[]) => void;
}

/** Prunes one checkpoint. */
export async function run(resolved: ResolvedRecipe, options: RunOptions, lent: Context): Promise<Report> {
  const { recipe } = resolved;
  const ctx = { ...lent, scratchFolder: lent.scratchFolder ?? dirname(resolved.to) };
  const stopwatch = createStopwatch();
  const source = await openCheckpoint(resolved.model);
  const { model, to } = resolved;
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
  checkNeeds(plan.needs, resolved.to, ctx);

  const key = runKey(resolved, source, texts, ctx);
  using _lock = lockOutput(to);
  publishFinished(to);
  const mayReplace = options.fresh || recipe.save.overwrite || hasBegun(to, key);
  const earlier = readReportIn(to);
  if (earlier?.key === key && !mayReplace) {
    ctx.log(`${to} is the result of this very run already`);
    return earlier;
  }
  checkReplace(to, mayReplace);
  using target = await openTarget(source, to, { key, recipe: recipeKey(recipe), fresh: options.fresh }, ctx);
  const copied = find(target, 'copied')!;
  const matrices = planMatrices(recipe, source, copied.zeros);
  const before = await measureOnce('before', source, texts, target, ctx);
  const task = { source, target, recipe, windows: texts.calibration, matrices, sourceZeros: copied.zeros };
  await pruneBlocks(task, ctx, options.onBlock);
  const after = await measureOnce('after', { ...source, weights: target.weights }, texts, target, ctx);
  const digests = await stopwatch.time('read back', () => {
    const tensors = source.linears.map((linear) => source.tensors.get(linear.tensor)!);
    return digestFiles(target.folder, source.files, { step: 'save', tensors }, ctx);
  });
  const timing = [...target.journal.entries.flatMap((entry) => ('steps' in entry ? entry.steps : [])), ...stopwatch.steps()];
  const ownNames = resultNames(to);
  const [json, markdown, recipeName] = ownNames;
  const report = makeReport({ key, ownNames, resolved, plan, texts, copied, digests, timing, before, after, target, ctx });
  target.finish({
    [json]: `${JSON.stringify(report, null, 2)}\n`,
    [markdown]: renderReport(report),
    [recipeName]: movedRecipe(options.recipeText, resolved),
  });
  return report;
}

/** What a run adds to the files of the checkpoint. */
function resultNames(to: string): [report: string, markdown: string, recipe: string] {
  return [reportFileName, reportTwinName, `${basename(to)}.prune.yaml`];
}

/** The hash of everything that decides the bytes of the result. */
function runKey({ recipe }: ResolvedRecipe, source: Checkpoint, texts: Texts, ctx: Context): string {
  const parts = [
    version,
    decisive(recipe),
    ...stampCheckpoint(source),
    texts.calibration.sha256,
    texts.evaluation?.sha256,
    environment(ctx),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function measureOnce(
  when: 'before' | 'after',
  checkpoint: Checkpoint,
  { evaluation }: Texts,
  { journal }: Target,
  ctx: Context,
): Promise<Perplexity | undefined> {
  const known = journal.entries.find((entry) => entry.type === when);
  if (known && 'perplexity' in known) return known.perplexity;
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

/** The recipe with its paths as seen from the result's folder, so that it can be run again from there. */
function movedRecipe(text: string, { recipe, model, to, calibrationText, evaluationText }: ResolvedRecipe): string {
  const seen = (path: string) => (path === 'default' ? path : relative(to, path));
  const texts = calibrationText.map((path, i): [(string | number)[], string] => [
    typeof recipe.calibrate.text === 'string' ? ['calibrate', 'text'] : ['calibrate', 'text', i],
    seen(path),
  ]);
  const evaluation = evaluationText.map((path): [string[], string] => [['evaluate', 'text'], seen(path)]);
  const paths: [(string | number)[], string][] = [
    [['model'], seen(model)],
    [['save', 'to'], `../${basename(to)}`],
    ...texts,
    ...evaluation,
  ];
  return paths.reduce((moved, [path, value]) => setValue(moved, path, value).text, text);
}

function find<T extends JournalEntry['type']>(target: Target, type: T): Extract<JournalEntry, { type: T }> | undefined {
  return target.journal.entries.find((entry): entry is Extract<JournalEntry, { type: T }> => entry.type === type);
}
