/** Measures how much each matrix minds being pruned: one pass of the dense model, a block in memory at a time. */

import { SecateurError } from '../error.ts';
import type { Linear } from '../families/family.ts';
import { errorAt } from '../methods/error-curve.ts';
import { measures } from '../methods/measure/index.ts';
import type { Measure, Measured } from '../methods/measure.ts';
import type { Statistics } from '../methods/statistics.ts';
import type { MatrixSensitivity, Sensitivity } from '../protocol/data.ts';
import type { Recipe } from '../recipe/schema.ts';
import { calibrate } from './calibrate.ts';
import { type Checkpoint, decodeWeights, openCheckpoint } from './checkpoint.ts';
import { type Context, throwIfCancelled } from './context.ts';
import { embedWindows, type Forward } from './forward.ts';
import { createHiddenStates, type HiddenStates } from './hidden.ts';
import { checkNeeds, runNeeds } from './needs.ts';
import type { ResolvedRecipe } from './plan.ts';
import { readCalibration } from './recipe-texts.ts';
import { readSensitivity, sensitivityPath, writeSensitivity } from './sensitivity-cache.ts';
import { checkFinite } from './solve.ts';
import { readTensor } from './target.ts';

/** How much of a block's time calibration takes, roughly; for the progress line only. */
const calibrateShare = 0.8;

/**
 * The sensitivity of every matrix, block after block.
 *
 * @param cacheFolder  where it is kept under the hash of what decides it; what is there already is not measured again
 * @throws             `NOT_FINITE` naming the matrix, `MEMORY_SHORT`, `CANCELLED`, and what texts and checkpoints can lack
 */
export async function measure(resolved: ResolvedRecipe, cacheFolder: string | undefined, ctx: Context): Promise<Sensitivity> {
  const source = await openCheckpoint(resolved.model);
  if (cacheFolder === undefined) return measureModel(resolved, source, ctx);
  // The texts are stamped before they are read: one that changes meanwhile is measured again the next time.
  const path = await sensitivityPath(cacheFolder, resolved, source);
  const known = readSensitivity(path, source.linears.length);
  if (known) return atSparsity(known, resolved.recipe.sparsity);
  const found = await measureModel(resolved, source, ctx);
  writeSensitivity(path, found);
  return found;
}

/** What the cache has, in milliseconds; `null` where that is nothing. */
export async function measured(resolved: ResolvedRecipe, cacheFolder: string): Promise<Sensitivity | null> {
  const source = await openCheckpoint(resolved.model);
  const known = readSensitivity(await sensitivityPath(cacheFolder, resolved, source), source.linears.length);
  return known ? atSparsity(known, resolved.recipe.sparsity) : null;
}

async function measureModel(resolved: ResolvedRecipe, source: Checkpoint, ctx: Context): Promise<Sensitivity> {
  const { recipe } = resolved;
  const { model } = source;
  const card: Measure = measures[recipe.measure.method];
  const windows = await readCalibration(resolved, source, ctx);
  const needs = await runNeeds(source, { samples: windows.samples, length: windows.length, products: 1 }, ctx);
  checkNeeds({ ...needs, diskBytes: 0 }, resolved.to, ctx);
  const forward: Forward = { model, weights: source.weights, runtime: ctx.runtime, signal: ctx.signal };
  using hidden = createHiddenStates({ windows: windows.samples, length: windows.length, width: model.hiddenSize }, ctx);
  await embedWindows(forward, windows.ids, hidden);
  const matrices: MatrixSensitivity[] = [];
  for (let block = 0; block < model.nBlocks; block++)
    matrices.push(...(await measureBlock({ source, recipe, card, forward, hidden, block, ctx })));
  const when = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return { method: recipe.measure.method, matrices, description: `${card.title} on ${windows.description}; ${when}` };
}

interface BlockTask {
  readonly source: Checkpoint;
  readonly recipe: Recipe;
  readonly card: Measure;
  readonly forward: Forward;
  readonly hidden: HiddenStates;
  readonly block: number;
  readonly ctx: Context;
}

async function measureBlock(task: BlockTask): Promise<MatrixSensitivity[]> {
  const { forward, hidden, block, ctx } = task;
  const total = forward.model.nBlocks;
  const linears = forward.model.linears(block);
  const report = (share: number) =>
    ctx.onProgress({ step: 'measure', done: block + share, total, unit: 'blocks', detail: `block ${block + 1}/${total}` });
  const statistics = await calibrate(forward, block, hidden, {
    inputs: [...new Set(linears.map((linear) => linear.input))],
    passOn: block < total - 1,
    onWindow: (done) => report((calibrateShare * done) / hidden.windows),
  });
  const matrices: MatrixSensitivity[] = [];
  for (const linear of linears) {
    throwIfCancelled(ctx.signal);
    matrices.push(await measureLinear(task, linear, statistics.get(linear.input)!));
    report(calibrateShare + (1 - calibrateShare) * (matrices.length / linears.length));
  }
  return matrices;
}

async function measureLinear({ source, recipe, card, ctx }: BlockTask, linear: Linear, stats: Statistics): Promise<MatrixSensitivity> {
  const name = linear.tensor;
  const entry = source.tensors.get(name)!;
  const weight = decodeWeights(readTensor(source, entry), entry.type, linear.out, linear.in);
  checkFinite(name, weight, 'in the checkpoint');
  const { method: _method, ...options } = recipe.measure;
  try {
    const found = await card.measureLinear({ weight, stats, damping: recipe.solve.damping, algebra: ctx.algebra }, options);
    return { name, ...valueAt(found, recipe.sparsity) };
  } catch (error) {
    if (!(error instanceof SecateurError) || error.code === 'CANCELLED') throw error;
    throw new SecateurError(error.code, `${name}: ${error.message}`, error.hint, { cause: error });
  }
}

/** The same with its values at another sparsity, where they depend on that. */
function atSparsity(sensitivity: Sensitivity, sparsity: number): Sensitivity {
  const matrices = sensitivity.matrices.map(({ name, value, curve }) => ({ name, ...valueAt(curve ? { curve } : { value }, sparsity) }));
  return { ...sensitivity, matrices };
}

function valueAt(found: Measured, sparsity: number): Omit<MatrixSensitivity, 'name'> {
  return 'curve' in found ? { value: errorAt(found.curve, sparsity), curve: found.curve } : found;
}
