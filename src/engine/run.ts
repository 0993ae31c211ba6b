/** The main job, from a recipe to a pruned checkpoint with its report. Each step is journaled; a second run resumes a dead one. */

import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { SecateurError } from '../error.ts';
import type { Plan, PlannedMatrix } from '../protocol/data.ts';
import type { MatrixReport, Perplexity, Report } from '../protocol/report.ts';
import { setValue } from '../recipe/edit.ts';
import { version } from '../version.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { type Context, textContext } from './context.ts';
import { type Digest, digestFile } from './digest.ts';
import { evaluate, protocol } from './evaluate.ts';
import type { JournalEntry } from './journal.ts';
import { checkNeeds } from './needs.ts';
import { calibrationLength, evaluationLength, makePlan, planMatrices, type ResolvedRecipe } from './plan.ts';
import { pruneBlocks } from './prune.ts';
import { environment, renderReport } from './report.ts';
import { createStopwatch, sumSteps } from './stopwatch.ts';
import { checkOutput, openTarget, reportName, type Target } from './target.ts';
import { drawWindows, evaluationWindows, type Windows } from './texts.ts';
import { openTokenizer, tokenIdsOnly } from './tokenizer.ts';

export interface RunOptions {
  /** Starts over, and replaces an earlier result of Secateur at the same place. */
  readonly fresh: boolean;
  /** The recipe as its user wrote it, comments and all; a copy goes with the result. */
  readonly recipeText: string;
}

/** Prunes one checkpoint. */
export async function run(resolved: ResolvedRecipe, options: RunOptions, ctx: Context): Promise<Report> {
  const { recipe } = resolved;
  const stopwatch = createStopwatch();
  const source = await openCheckpoint(resolved.model);
  checkPlace(resolved, options);
  const texts = await stopwatch.time('tokenise', () => readTexts(resolved, source, ctx));
  const { calibration, evaluation } = texts;
  const plan = await makePlan(resolved, source, ctx, {
    length: calibration.length,
    ...(evaluation && { evaluation: { windows: evaluation.samples, length: evaluation.length } }),
  });
  checkNeeds(plan.needs, resolved.to, ctx);

  using target = await openTarget(source, resolved.to, { key: runKey(resolved, source, texts, ctx), fresh: options.fresh }, ctx);
  const copied = find(target, 'copied')!;
  const matrices = planMatrices(recipe, source, copied.zeros);
  const before = await measureOnce('before', source, texts, target, ctx);
  await pruneBlocks({ source, target, recipe, windows: texts.calibration, matrices, sourceZeros: copied.zeros }, ctx);
  const after = await measureOnce('after', { ...source, weights: target.weights }, texts, target, ctx);
  const digests = await stopwatch.time('read back', () => digestTarget(source, target, ctx));
  const steps = [...target.journal.entries.flatMap((entry) => ('steps' in entry ? entry.steps : [])), ...stopwatch.steps()];
  const written = countWritten(target, digests, matrices, copied.zeros);
  const report: Report = {
    format: 1,
    secateur: version,
    recipe,
    source: {
      path: resolved.model,
      modelType: plan.modelType,
      parameters: plan.parameters,
      prunable: plan.prunable,
      files: copied.files,
      zeros: Object.values(copied.zeros).reduce((sum, zeros) => sum + zeros, 0),
    },
    output: { files: digests.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })) },
    sparsity: totals(plan, written),
    calibration: { ...digestOf(texts.calibration), seed: recipe.calibrate.seed, flow: recipe.calibrate.flow },
    evaluation: texts.evaluation ? { ...digestOf(texts.evaluation), protocol } : null,
    perplexity: before && after ? { before, after } : null,
    matrices: written,
    steps: sumSteps(steps),
    environment: environment(ctx),
    resumed: target.journal.entries.filter((entry) => entry.type === 'resumed').length,
    notes: notesOf(plan, written, recipe.solve.damping),
  };
  target.finish({
    [reportName]: `${JSON.stringify(report, null, 2)}\n`,
    'secateur-report.md': renderReport(report),
    [`${basename(resolved.to)}.prune.yaml`]: movedRecipe(options.recipeText, resolved),
  });
  return report;
}

interface Texts {
  readonly calibration: Windows;
  readonly evaluation: Windows | undefined;
}

function checkPlace({ model, to, recipe }: ResolvedRecipe, { fresh }: RunOptions): void {
  if (resolve(model) === resolve(to))
    throw new SecateurError(
      'OUTPUT_EXISTS',
      `${to} is the source itself, which is never written`,
      'Name another folder: --set save.to=DIR.',
    );
  checkOutput(to, fresh || recipe.save.overwrite);
}

async function readTexts({ recipe, calibrationText, evaluationText }: ResolvedRecipe, source: Checkpoint, ctx: Context): Promise<Texts> {
  const { folder, model } = source;
  const tokenizer = existsSync(join(folder, 'tokenizer.json')) ? await openTokenizer(folder) : tokenIdsOnly(folder, model.vocabSize);
  const { samples, seed, field } = recipe.calibrate;
  // A file of token ids brings its own length where the recipe has none.
  const isTokens = calibrationText.every((path) => path.endsWith('.safetensors'));
  const length = isTokens && recipe.calibrate.length === undefined ? {} : { length: calibrationLength(recipe, source) };
  const calibration = await drawWindows(
    { paths: calibrationText, field, samples, seed, ...length },
    tokenizer,
    textContext(ctx, 'calibration text'),
  );
  if (!recipe.evaluate) return { calibration, evaluation: undefined };
  const { windows, field: column } = recipe.evaluate;
  const request = {
    path: evaluationText[0],
    field: column,
    length: evaluationLength(recipe, source),
    ...(windows === undefined ? {} : { windows }),
  };
  return { calibration, evaluation: await evaluationWindows(request, tokenizer, textContext(ctx, 'evaluation text')) };
}

/** The hash of everything that decides the bytes of the result. */
function runKey({ recipe, model }: ResolvedRecipe, source: Checkpoint, texts: Texts, ctx: Context): string {
  const { save: _save, ...decisive } = recipe;
  const files = source.files.map(({ name, bytes }) => [name, bytes, statSync(join(model, name)).mtimeMs]);
  const { cpu: _cpu, ...machine } = environment(ctx);
  const parts = [version, decisive, files, texts.calibration.sha256, texts.evaluation?.sha256, machine];
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

async function digestTarget(source: Checkpoint, target: Target, ctx: Context): Promise<Digest[]> {
  const tensors = source.linears.map((linear) => source.tensors.get(linear.tensor)!);
  const total = source.files.reduce((sum, file) => sum + file.bytes, 0);
  const digests: Digest[] = [];
  let done = 0;
  for (const { name } of source.files) {
    const onBytes = (bytes: number) => {
      done += bytes;
      ctx.onProgress({ step: 'save', done, total, unit: 'bytes', detail: name });
    };
    digests.push(await digestFile(target.folder, name, { tensors, signal: ctx.signal, onBytes }));
  }
  return digests;
}

/** The matrices with the zeros that are in the written bytes; a count other than the planned one is a bug, and is not hidden. */
function countWritten(
  target: Target,
  digests: readonly Digest[],
  planned: readonly PlannedMatrix[],
  sourceZeros: Readonly<Record<string, number>>,
): MatrixReport[] {
  const zeros = new Map(digests.flatMap((digest) => [...digest.zeros]));
  const solved = new Map(
    target.journal.entries.flatMap((entry) => (entry.type === 'block' ? entry.matrices.map((matrix) => [matrix.name, matrix]) : [])),
  );
  return planned.map(({ name, shape, zeros: wanted }) => {
    const found = zeros.get(name)!;
    const { damping, nudged, ...facts } = solved.get(name)!;
    if (found !== Math.max(wanted, sourceZeros[name])) throw new Error(`${name}: ${found} zeros were written where ${wanted} were planned`);
    return { ...facts, damping, nudged, zeros: found, sparsity: found / (shape[0] * shape[1]) };
  });
}

function totals({ sparsity, prunable }: Plan, matrices: readonly MatrixReport[]): Report['sparsity'] {
  const zeros = matrices.reduce((sum, matrix) => sum + matrix.zeros, 0);
  return { asked: sparsity, achieved: zeros / prunable, zeros, prunable };
}

function notesOf(plan: Plan, matrices: readonly MatrixReport[], damping: number): string[] {
  const raised = matrices.filter((matrix) => matrix.damping > damping);
  const nudged = matrices.reduce((sum, matrix) => sum + matrix.nudged, 0);
  const surplus = matrices.reduce((sum, matrix) => sum + matrix.zeros, 0) - plan.zeros;
  return [
    ...raised.map((matrix) => `${matrix.name}: the Hessian could not be factored with damping ${damping}; ${matrix.damping} was used.`),
    ...(nudged > 0 ? [`${nudged} kept weights rounded to zero and were raised to the smallest number of their dtype.`] : []),
    ...(surplus > 0 ? [`The source already has ${surplus} zeros more than were asked for; they were left.`] : []),
  ];
}

function digestOf({ description, samples, length, sha256 }: Windows) {
  return { description, windows: samples, length, sha256 };
}

/** The recipe with its paths as seen from the result's folder, so that it can be run again from there. */
function movedRecipe(text: string, { recipe, model, to, calibrationText, evaluationText }: ResolvedRecipe): string {
  const seen = (path: string) => (path === 'default' ? path : relative(to, path));
  const paths: [string[], string | undefined][] = [
    [['model'], seen(model)],
    [['save', 'to'], `../${basename(to)}`],
    [['calibrate', 'text'], typeof recipe.calibrate.text === 'string' ? seen(calibrationText[0]) : undefined],
    [['evaluate', 'text'], recipe.evaluate && seen(evaluationText[0])],
  ];
  return paths.reduce((moved, [path, value]) => (value === undefined ? moved : setValue(moved, path, value).text), text);
}

function find<T extends JournalEntry['type']>(target: Target, type: T): Extract<JournalEntry, { type: T }> | undefined {
  return target.journal.entries.find((entry): entry is Extract<JournalEntry, { type: T }> => entry.type === type);
}
