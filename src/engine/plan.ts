/** The dry run: every matrix with its exact number of zeros, and what the run will need. It reads headers, never weights. */

import { resolve } from 'node:path';
import { SecateurError } from '../error.ts';
import type { Model } from '../families/family.ts';
import { exactCounts } from '../methods/allocate/counts.ts';
import { allocators } from '../methods/allocate/index.ts';
import type { Allocator, Slot } from '../methods/allocator.ts';
import type { Plan, PlannedMatrix } from '../protocol/data.ts';
import { lastMatch, matches } from '../recipe/match.ts';
import { defaultOutput, type Recipe } from '../recipe/schema.ts';
import { bytesPerWeight, type Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { runNeeds, type Work } from './needs.ts';

/** A recipe with its paths made absolute: the folder it stands in is what they are relative to. */
export interface ResolvedRecipe {
  readonly recipe: Recipe;
  readonly model: string;
  readonly to: string;
  readonly calibrationText: readonly string[];
  readonly evaluationText: readonly string[];
}

export function resolveRecipe(recipe: Recipe, folder: string): ResolvedRecipe {
  const absolute = (path: string) => (path === 'default' ? path : resolve(folder, path));
  return {
    recipe,
    model: absolute(recipe.model),
    to: absolute(recipe.save.to ?? defaultOutput(recipe)),
    calibrationText: [recipe.calibrate.text].flat().map(absolute),
    evaluationText: [recipe.evaluate?.text ?? []].flat().map(absolute),
  };
}

/** What every matrix becomes, given the zeros it has in the source (none known: none). */
export function planMatrices(recipe: Recipe, checkpoint: Checkpoint, sourceZeros: Readonly<Record<string, number>> = {}): PlannedMatrix[] {
  const slots: Slot[] = checkpoint.linears.map(({ tensor, block, kind, out, in: width }) => ({
    name: tensor,
    block,
    kind,
    out,
    in: width,
  }));
  const fixedBy = matchGlobs(Object.keys(recipe.allocate.fixed), slots);
  const zeros = recipe.pattern ? patternZeros(recipe, slots, fixedBy) : budgetZeros(recipe, slots, fixedBy, sourceZeros);
  return slots.map((slot, i) => ({
    name: slot.name,
    block: slot.block,
    kind: slot.kind,
    shape: [slot.out, slot.in],
    dtype: checkpoint.tensors.get(slot.name)!.type,
    zeros: zeros[i],
    sparsity: zeros[i] / (slot.out * slot.in),
    setBy: fixedBy[i] ?? (recipe.pattern ? `${recipe.pattern.n}:${recipe.pattern.m}` : recipe.allocate.method),
  }));
}

/** @param known  what reading the texts has shown; without it, lengths are the recipe's and nothing is said of the evaluation */
export async function makePlan(
  resolved: ResolvedRecipe,
  checkpoint: Checkpoint,
  ctx: Context,
  known: Partial<Pick<Work, 'length' | 'evaluation'>>,
): Promise<Plan> {
  const { recipe } = resolved;
  const matrices = planMatrices(recipe, checkpoint);
  const zeros = matrices.reduce((sum, matrix) => sum + matrix.zeros, 0);
  const prunable = matrices.reduce((sum, { shape }) => sum + shape[0] * shape[1], 0);
  const { length = calibrationLength(recipe, checkpoint), ...rest } = known;
  const { text, samples, seed, flow } = recipe.calibrate;
  return {
    model: resolved.model,
    to: resolved.to,
    modelType: checkpoint.model.modelType,
    parameters: [...checkpoint.tensors.values()].reduce((sum, tensor) => sum + tensor.bytes / bytesPerWeight[tensor.type], 0),
    prunable,
    sparsity: zeros / prunable,
    zeros,
    pattern: recipe.pattern ? `${recipe.pattern.n}:${recipe.pattern.m}` : null,
    calibration: { text: [text].flat().join(', '), samples, length, seed, flow },
    method: solveName(recipe.solve),
    matrices,
    needs: await runNeeds(checkpoint, { samples, length, products: products(recipe.solve), ...rest }, ctx),
  };
}

/** `obs + least-squares`. */
export function solveName({ method, finish }: Recipe['solve']): string {
  return finish ? `${method} + ${finish.method}` : method;
}

/** Three for the errors and one for the sweep, and one for each iteration of least squares, alone or as the finish. */
function products(solve: Recipe['solve']): number {
  const iterations = [solve, solve.finish].map((step) => (step && 'iterations' in step ? Number(step.iterations) : 0));
  return 4 + iterations[0] + iterations[1];
}

/** Tokens of one calibration window. */
export function calibrationLength(recipe: Recipe, { model }: Checkpoint): number {
  return windowLength('calibrate.length', recipe.calibrate.length, model);
}

/** Tokens of one evaluation window. */
export function evaluationLength(recipe: Recipe, { model }: Checkpoint): number {
  return windowLength('evaluate.length', recipe.evaluate?.length, model);
}

/** What was asked for under the name `key`, or 2048, or the model's own maximum where that is less; `BAD_ARGUMENT` beyond that. */
export function windowLength(key: string, asked: number | undefined, { maxLength }: Pick<Model, 'maxLength'>): number {
  if (asked === undefined) return Math.min(2048, maxLength);
  if (asked > maxLength)
    throw new SecateurError(
      'BAD_ARGUMENT',
      `${key} is ${asked}, the model was made for ${maxLength} tokens`,
      `Set ${key} to at most ${maxLength}.`,
    );
  return asked;
}

function budgetZeros(
  recipe: Recipe,
  slots: readonly Slot[],
  fixedBy: readonly (string | undefined)[],
  sourceZeros: Readonly<Record<string, number>>,
): readonly number[] {
  const { method, fixed, ...options } = recipe.allocate;
  const allocator: Allocator = allocators[method];
  const sizes = slots.map((slot) => slot.out * slot.in);
  const minimums = slots.map((slot) => sourceZeros[slot.name] ?? 0);
  const total = Math.round(recipe.sparsity * sizes.reduce((sum, size) => sum + size, 0));
  const least = minimums.reduce((sum, zeros) => sum + zeros, 0);
  // A source with more zeros than were asked for is left as it is: no weight is made up.
  if (total <= least && Object.keys(fixed).length === 0) return minimums;
  const shares = allocator.allocate(slots, recipe.sparsity, options);
  return exactCounts({ slots, shares, total, minimums, fixed: fixedBy.map((glob) => (glob === undefined ? undefined : fixed[glob])) });
}

/** n:m leaves no choice but whether a matrix takes part. */
function patternZeros({ pattern, allocate }: Recipe, slots: readonly Slot[], fixedBy: readonly (string | undefined)[]): readonly number[] {
  const { n, m } = pattern!;
  return slots.map((slot, i) => {
    const fixed = fixedBy[i] === undefined ? undefined : allocate.fixed[fixedBy[i]];
    if (fixed === 0) return 0;
    if (fixed !== undefined)
      throw new SecateurError(
        'BUDGET_INFEASIBLE',
        `${slot.name}: sparsity ${fixed} is fixed by ${fixedBy[i]}, but the pattern is ${n}:${m}`,
        'With a pattern, fix a matrix at 0 (left dense) or not at all.',
      );
    if (slot.in % m !== 0)
      throw new SecateurError(
        'BUDGET_INFEASIBLE',
        `${slot.name}: its ${slot.in} inputs are not a multiple of ${m}, as ${n}:${m} needs`,
        'Choose another pattern, or fix this matrix at 0.',
      );
    return (slot.out * slot.in * (m - n)) / m;
  });
}

/** For every slot the last glob that matches it. A glob that matches none is a slip of the pen, and is refused. */
function matchGlobs(globs: readonly string[], slots: readonly Slot[]): (string | undefined)[] {
  for (const glob of globs)
    if (!slots.some((slot) => matches(glob, slot.name)))
      throw new SecateurError('BAD_RECIPE', `allocate.fixed: ${glob} matches no matrix`, `Names look like ${slots[0].name}.`);
  return slots.map((slot) => lastMatch(globs, slot.name));
}
