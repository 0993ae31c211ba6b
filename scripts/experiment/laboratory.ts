/** Where cells are run: the checkpoint, its texts and the machine, held against what the records say they were made with. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '../../src/engine/checkpoint.ts';
import { type Context, textContext } from '../../src/engine/context.ts';
import { evaluate } from '../../src/engine/evaluate.ts';
import { lendContext, lendRuntime } from '../../src/engine/lend.ts';
import { measure, measured } from '../../src/engine/measure.ts';
import { type ResolvedRecipe, resolveRecipe, windowLength } from '../../src/engine/plan.ts';
import { environment } from '../../src/engine/report.ts';
import { run } from '../../src/engine/run.ts';
import { readTokenFile } from '../../src/engine/text-readers/token-file.ts';
import { evaluationWindows, type Windows } from '../../src/engine/texts.ts';
import { openTokenizerIfAny } from '../../src/engine/tokenizer.ts';
import { encodeSafetensorsHeader } from '../../src/formats/safetensors.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import type { Perplexity, Report } from '../../src/protocol/report.ts';
import { awaitedMeasure } from '../../src/recipe/budget.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { version } from '../../src/version.ts';
import type { Drawn, Places } from './grid.ts';
import type { Options } from './options.ts';
import { appendEntry, kept, type Made, type Results, readResults, recordsIn, type SetupRecord } from './records.ts';

export interface Laboratory {
  readonly source: Checkpoint;
  readonly ctx: Context;
  readonly windows: Windows;
  readonly drawn: Drawn;
  readonly recordsPath: string;
  /** What the records hold by now. */
  results(): Results;
  /** Where the recipe of a cell finds what it needs; the folder it writes is free to be removed. */
  places(seed: number): Promise<Places>;
  /** What stands in a record for whoever reads it: the same with names instead of paths. */
  readonly shownPlaces: Places;
  made(): Made;
}

/** Opens all there is, measures the dense checkpoint unless the records have it, and refuses records of another setup. */
export async function openLaboratory(options: Options, signal: AbortSignal, say: (line: string) => void): Promise<Laboratory> {
  const { model, calibrate, evaluate: text, cache, samples } = options;
  if (!model || !calibrate || !text) throw new Error('An experiment needs --model DIR, --calibrate TEXT-OR-TOKENS and --evaluate TEXT.');
  mkdirSync(cache, { recursive: true });
  const ctx = lendContext(lendRuntime('cpu', options.threads), { scratchFolder: cache }, { signal, onProgress: () => {}, log: say });
  const source = await openCheckpoint(model);
  const tokenizer = await openTokenizerIfAny(model, source.model.vocabSize);
  const length = windowLength('--length', options.length, source.model);
  const windows = await evaluationWindows({ path: text, length, windows: options.windows }, tokenizer, textContext(ctx, text));
  const isTokens = calibrate.endsWith('.safetensors');
  const calibrationLength = isTokens ? undefined : windowLength('--calibration-length', options.calibrationLength, source.model);
  const drawn = { samples, ...(calibrationLength !== undefined && { length: calibrationLength }) };
  const recordsPath = recordsIn(options.folder);
  const setup: SetupRecord = {
    type: 'setup',
    experiment: options.experiment,
    model: basename(model),
    files: Object.fromEntries(source.files.map(({ name }) => [name, sha256(join(model, name))])),
    prunable: source.linears.reduce((sum, linear) => sum + linear.out * linear.in, 0),
    calibration: { text: basename(calibrate), samples, length: calibrationLength ?? null },
    evaluation: { text: basename(text), windows: windows.samples, length, sha256: windows.sha256 },
  };
  const results = () => readResults(recordsPath);
  const known = results().setup;
  if (!known) appendEntry(recordsPath, setup);
  else if (JSON.stringify(known) !== JSON.stringify(setup))
    throw new Error(`${recordsPath} holds results of another setup, ${JSON.stringify(known)}: name these ones otherwise with --name.`);
  const made = () => ({ secateur: version, commit: commit(), date: new Date().toISOString(), environment: environment(ctx) });
  if (!results().dense) {
    const started = performance.now();
    const perplexity = await evaluate(source, windows, ctx);
    appendEntry(recordsPath, { type: 'dense', ...made(), ...kept(perplexity) });
    say(`dense: perplexity ${perplexity.perplexity.toFixed(3)} (${seconds(started).toFixed(0)} s)`);
  }
  const to = join(cache, 'cell');
  return {
    source,
    ctx,
    windows,
    drawn,
    recordsPath,
    results,
    made,
    shownPlaces: { model: `./${basename(model)}`, calibration: `./${basename(calibrate)}`, to: './cell' },
    places: async (seed) => ({
      model,
      calibration: isTokens && seed > 0 ? await sliceTokens(calibrate, seed, samples, source, cache) : calibrate,
      to,
    }),
  };
}

/** A file of the rows that a seed calibrates with: those of seed 0 are the first of the given file. */
async function sliceTokens(path: string, seed: number, samples: number, source: Checkpoint, folder: string): Promise<string> {
  const slice = join(folder, `${basename(path, '.safetensors')}-rows-from-${seed * samples}.safetensors`);
  const { ids, rows, length } = await readTokenFile(path, (seed + 1) * samples, source.model.vocabSize);
  if (rows < (seed + 1) * samples) throw new Error(`${path} has no ${samples} rows for seed ${seed}.`);
  const taken = ids.slice(seed * samples * length);
  const header = encodeSafetensorsHeader(new Map([['input_ids', { dtype: 'I32', shape: [samples, length] }]]), {});
  const bytes = Buffer.concat([header, new Uint8Array(taken.buffer)]);
  // Sensitivities are kept under the file's time: one that is the same already is left alone.
  if (!existsSync(slice) || !readFileSync(slice).equals(bytes)) writeFileSync(slice, bytes);
  return slice;
}

export interface Outcome {
  readonly report: Report;
  readonly perplexity: Perplexity;
  readonly seconds: Readonly<Record<string, number>>;
  /** What the allocator was fed, or what was asked for. */
  readonly sensitivity: Sensitivity | null;
}

/** Runs a recipe, evaluates what it wrote, and removes that. An interrupted run is gone on with. */
export async function runAndEvaluate(lab: Laboratory, recipe: string): Promise<Outcome> {
  const resolved = resolve(recipe);
  const cacheFolder = sensitivities(lab);
  const sensitivity = awaitedMeasure(resolved.recipe, null) === null ? null : await measureTimed(lab, resolved);
  const report = await run(resolved, { fresh: false, recipeText: recipe, cacheFolder }, lab.ctx);
  const started = performance.now();
  const perplexity = await evaluate(await openCheckpoint(resolved.to), lab.windows, lab.ctx);
  const steps = Object.fromEntries(report.steps.map((step) => [step.step, Math.round(10 * step.seconds) / 10]));
  rmSync(resolved.to, { recursive: true });
  return { report, perplexity, sensitivity, seconds: { ...steps, evaluate: Math.round(10 * seconds(started)) / 10 } };
}

/** The sensitivity of a recipe from the cache, or measured, in which case the time it took is recorded. */
export async function measureTimed(lab: Laboratory, resolved: ResolvedRecipe): Promise<Sensitivity> {
  const cacheFolder = sensitivities(lab);
  const known = await measured(resolved, cacheFolder);
  if (known && !known.unfinished) return known;
  const started = performance.now();
  const found = await measure(resolved, cacheFolder, lab.ctx);
  const {
    measure: { method },
    calibrate: { seed },
    solve,
  } = resolved.recipe;
  const id = [method, solve.method, solve.score.method, solve.finish?.method ?? 'none', `seed-${seed}`].join('/');
  appendEntry(lab.recordsPath, { type: 'measured', ...lab.made(), id, measure: method, seed, seconds: seconds(started) });
  return found;
}

export function resolve(text: string): ResolvedRecipe {
  const { recipe, problems } = parseRecipe(text);
  if (!recipe) throw new Error(`${problems[0].message}\n${text}`);
  return resolveRecipe(recipe, '/');
}

/** One folder for all experiments, which take long to measure. */
function sensitivities({ ctx }: Laboratory): string {
  return join(dirname(ctx.scratchFolder!), 'sensitivities');
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}
