/** Measures how much each matrix minds being pruned, or reads what was measured before. */

import { SecateurError } from '../error.ts';
import type { Lab } from '../methods/lab.ts';
import { measures } from '../methods/measure/index.ts';
import { type Findings, type Measure, readsText } from '../methods/measure.ts';
import { type MatrixSensitivity, type Measured, namedAt, type Sensitivity } from '../methods/sensitivity.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { type GramCache, gramBytes, gramFolderName, gramLimit, openGramCache, openScratchGrams } from './gram-cache.ts';
import { createLab } from './lab.ts';
import { checkNeeds, runNeeds } from './needs.ts';
import { type NotesPlace, openNotes } from './notes.ts';
import type { ResolvedRecipe } from './plan.ts';
import { readCalibration } from './recipe-texts.ts';
import { readSensitivity, sensitivityPath, writeSensitivity } from './sensitivity-cache.ts';
import { solveAlone } from './solve-alone.ts';
import { openSolvedStore } from './solved-store.ts';
import type { Windows } from './texts.ts';

/** Called with what is found so far; a matrix may come again with a better value. */
export type OnFound = (matrices: readonly MatrixSensitivity[]) => void;

/**
 * The sensitivity of every matrix.
 *
 * @param cacheFolder  where it is kept under the hash of what decides it; what is there already is not measured again
 * @throws             `NOT_FINITE` naming the matrix, `MEMORY_SHORT`, `CANCELLED`, and what texts and checkpoints can lack
 */
export async function measure(
  resolved: ResolvedRecipe,
  cacheFolder: string | undefined,
  ctx: Context,
  onFound: OnFound = () => {},
): Promise<Sensitivity> {
  const source = await openCheckpoint(resolved.model);
  if (cacheFolder === undefined) return measureModel(resolved, source, ctx, onFound);
  // The texts are stamped before they are read: one that changes meanwhile is measured again the next time.
  const path = await sensitivityPath(cacheFolder, resolved, source);
  const known = readKnown(path, resolved, source);
  if (known && !known.unfinished) return known;
  const found = await measureModel(resolved, source, ctx, onFound, { cacheFolder, path });
  keep(path, found, ctx);
  return found;
}

/**
 * The same for whoever asks anew for what is known: then the Grams are seen to, which may have had to make way since, or were never needed,
 * so that one matrix can be solved by itself.
 */
export async function measureAgain(resolved: ResolvedRecipe, cacheFolder: string, ctx: Context, onFound: OnFound): Promise<Sensitivity> {
  const known = await measured(resolved, cacheFolder);
  if (!known || known.unfinished) return measure(resolved, cacheFolder, ctx, onFound);
  await keepGrams(resolved, cacheFolder, ctx);
  return known;
}

/** What the cache has, in milliseconds, also of a measure that was stopped on its way; `null` where that is nothing. */
export async function measured(resolved: ResolvedRecipe, cacheFolder: string): Promise<Sensitivity | null> {
  const source = await openCheckpoint(resolved.model);
  return readKnown(await sensitivityPath(cacheFolder, resolved, source), resolved, source) ?? null;
}

function readKnown(path: string, { recipe }: ResolvedRecipe, { linears }: Checkpoint): Sensitivity | undefined {
  const known = readSensitivity(path, { method: recipe.measure.method, names: linears.map((linear) => linear.tensor) });
  return known && atSparsity(known, recipe.sparsity);
}

async function keepGrams(resolved: ResolvedRecipe, cacheFolder: string, ctx: Context): Promise<void> {
  const source = await openCheckpoint(resolved.model);
  if (gramBytes(source.model) > gramLimit(ctx)) return;
  using grams = openGramCache(source.model, cacheFolder, await gramFolderName(resolved, source), ctx);
  if (grams.isWhole()) return;
  const windows = await readCalibration(resolved, source, ctx);
  await checkRoom(resolved, source, windows, ctx);
  const lab = createLab({ source, windows, seed: resolved.recipe.calibrate.seed, solve: resolved.recipe.solve, grams }, ctx, () => {});
  await lab.eachBlock(['gram'], async () => {});
}

/** What took minutes to find is not lost because it cannot be kept. */
function keep(path: string, found: Sensitivity, ctx: Context): void {
  try {
    writeSensitivity(path, found);
  } catch (error) {
    ctx.log(`What was measured could not be kept for the next time: ${(error as Error).message}`);
  }
}

async function measureModel(
  resolved: ResolvedRecipe,
  source: Checkpoint,
  ctx: Context,
  onFound: OnFound,
  place?: NotesPlace,
): Promise<Sensitivity> {
  const { method, ...options } = resolved.recipe.measure;
  const { sparsity, solve } = resolved.recipe;
  const card = cardOf(method);
  const windows = readsText(card) ? await readCalibration(resolved, source, ctx) : undefined;
  if (windows) await checkRoom(resolved, source, windows, ctx);
  const names = source.linears.map((linear) => linear.tensor);
  const describe = (measured: readonly Measured[]): Sensitivity => ({
    method,
    gives: card.gives,
    unit: card.unit,
    matrices: measured.map((found, i) => namedAt(names[i], found, sparsity)),
    description: `${card.title}${windows ? ` on ${windows.description}` : ''}; ${presentMinute()}`,
  });
  const anytime = card.scope === 'model' && card.anytime;
  using grams = windows && (await openGrams(resolved, source, place?.cacheFolder, Boolean(anytime), ctx));
  const kept = anytime && {
    notes: await openNotes(resolved, source, place, describe, ctx),
    solved: grams && openSolvedStore(grams, solveAlone(solve)),
  };
  const lab = createLab({ source, windows, seed: resolved.recipe.calibrate.seed, solve, grams, ...kept }, ctx, (found) =>
    onFound([...found].map(([slot, value]) => namedAt(names[slot], value, sparsity))),
  );
  const { measured, joint } =
    card.scope === 'model' ? await card.measureModel(lentTo(card, lab), options) : await measureBlocks(card, lab, options);
  refuseNonFinite(names, measured);
  return { ...describe(measured), ...(joint && { joint }) };
}

function presentMinute(): string {
  return `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** @param again  whether the measure walks through the model again and again, so that Grams are kept at least until it ends */
async function openGrams(
  resolved: ResolvedRecipe,
  source: Checkpoint,
  cacheFolder: string | undefined,
  again: boolean,
  ctx: Context,
): Promise<GramCache | undefined> {
  const bytes = gramBytes(source.model);
  const isKept = cacheFolder !== undefined && gramLimit(ctx) > 0;
  if (isKept && (!again || bytes <= gramLimit(ctx))) {
    const grams = openGramCache(source.model, cacheFolder, await gramFolderName(resolved, source), ctx);
    if (!again || grams.isWritable()) return grams;
  }
  if (!again) return undefined;
  checkNeeds({ memoryBytes: 0, diskBytes: 0, scratchBytes: bytes, seconds: 0 }, resolved.to, ctx);
  return openScratchGrams(source.model, ctx);
}

function cardOf(method: keyof typeof measures): Measure {
  return measures[method];
}

function refuseNonFinite(names: readonly string[], measured: readonly Measured[]): void {
  for (const [i, found] of measured.entries()) {
    const figures = 'curve' in found ? found.curve.map(({ error }) => error) : [found.value, found.standardError ?? 0];
    const bad = figures.find((figure) => !Number.isFinite(figure));
    if (bad !== undefined) throw new SecateurError('NOT_FINITE', `${names[i]}: the sensitivity that was measured is ${bad}`);
  }
}

/** What a measure finds is kept under the hash of what decides it: one that prunes has to say so. */
function lentTo({ title, prunes }: Extract<Measure, { scope: 'model' }>, lab: Lab): Lab {
  if (prunes) return lab;
  const prune = () => Promise.reject(new TypeError(`the card of ${title} does not say that it prunes`));
  return { ...lab, prune };
}

async function measureBlocks(
  card: Extract<Measure, { scope: 'block' }>,
  lab: Lab,
  options: Parameters<typeof card.measureBlock>[1],
): Promise<Findings> {
  const measured: Measured[] = [];
  await lab.eachBlock(card.needs, async (input) => {
    const found = await card.measureBlock(input, options);
    lab.found(new Map(found.map((value, i) => [measured.length + i, value])));
    measured.push(...found);
    lab.report((input.block + 1) / input.nBlocks, `block ${input.block + 1}/${input.nBlocks}`);
  });
  return { measured };
}

async function checkRoom({ to }: ResolvedRecipe, source: Checkpoint, windows: Windows, ctx: Context): Promise<void> {
  const needs = await runNeeds(source, { samples: windows.samples, length: windows.length, products: 1 }, ctx);
  checkNeeds({ ...needs, diskBytes: 0 }, to, ctx);
}

/** The same with its values at another sparsity, where they depend on that. */
function atSparsity(sensitivity: Sensitivity, sparsity: number): Sensitivity {
  return {
    ...sensitivity,
    matrices: sensitivity.matrices.map((matrix) => (matrix.curve ? namedAt(matrix.name, { curve: matrix.curve }, sparsity) : matrix)),
  };
}
