/** Measures how much each matrix minds being pruned, or reads what was measured before. */

import { SecateurError } from '../error.ts';
import type { Lab } from '../methods/lab.ts';
import { measures } from '../methods/measure/index.ts';
import { type Findings, type Measure, readsText } from '../methods/measure.ts';
import { type MatrixSensitivity, type Measured, namedAt, type Sensitivity } from '../methods/sensitivity.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { createLab } from './lab.ts';
import { checkNeeds, runNeeds } from './needs.ts';
import type { ResolvedRecipe } from './plan.ts';
import { readCalibration } from './recipe-texts.ts';
import { readSensitivity, sensitivityPath, writeSensitivity } from './sensitivity-cache.ts';
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
  if (known) return known;
  const found = await measureModel(resolved, source, ctx, onFound);
  keep(path, found, ctx);
  return found;
}

/** What the cache has, in milliseconds; `null` where that is nothing. */
export async function measured(resolved: ResolvedRecipe, cacheFolder: string): Promise<Sensitivity | null> {
  const source = await openCheckpoint(resolved.model);
  return readKnown(await sensitivityPath(cacheFolder, resolved, source), resolved, source) ?? null;
}

function readKnown(path: string, { recipe }: ResolvedRecipe, { linears }: Checkpoint): Sensitivity | undefined {
  const known = readSensitivity(path, { method: recipe.measure.method, names: linears.map((linear) => linear.tensor) });
  return known && atSparsity(known, recipe.sparsity);
}

/** What took minutes to find is not lost because it cannot be kept. */
function keep(path: string, found: Sensitivity, ctx: Context): void {
  try {
    writeSensitivity(path, found);
  } catch (error) {
    ctx.log(`What was measured could not be kept for the next time: ${(error as Error).message}`);
  }
}

async function measureModel(resolved: ResolvedRecipe, source: Checkpoint, ctx: Context, onFound: OnFound): Promise<Sensitivity> {
  const { method, ...options } = resolved.recipe.measure;
  const { sparsity, solve } = resolved.recipe;
  const card = cardOf(method);
  const windows = readsText(card) ? await readCalibration(resolved, source, ctx) : undefined;
  if (windows) await checkRoom(resolved, source, windows, ctx);
  const names = source.linears.map((linear) => linear.tensor);
  const lab = createLab({ source, windows, seed: resolved.recipe.calibrate.seed, solve }, ctx, (found) =>
    onFound([...found].map(([slot, value]) => namedAt(names[slot], value, sparsity))),
  );
  const { measured, joint } =
    card.scope === 'model' ? await card.measureModel(lentTo(card, lab), options) : await measureBlocks(card, lab, options);
  refuseNonFinite(names, measured);
  const when = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    method,
    gives: card.gives,
    unit: card.unit,
    matrices: measured.map((found, i) => namedAt(names[i], found, sparsity)),
    ...(joint && { joint }),
    description: `${card.title}${windows ? ` on ${windows.description}` : ''}; ${when}`,
  };
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
