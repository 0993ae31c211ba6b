/** The dry run: every matrix with its exact number of zeros, and what the run will need. It reads headers, never weights. */

import { resolve } from 'node:path';
import { SecateurError } from '../error.ts';
import type { Model } from '../families/family.ts';
import type { Slot } from '../methods/allocator.ts';
import { measures } from '../methods/measure/index.ts';
import { type Measure, readsText } from '../methods/measure.ts';
import type { Sensitivity } from '../methods/sensitivity.ts';
import type { Plan, PlannedMatrix } from '../protocol/data.ts';
import { awaitedMeasure, makeBudget } from '../recipe/budget.ts';
import { defaultOutput, type Recipe } from '../recipe/schema.ts';
import { solveName } from '../recipe/solve-name.ts';
import { type Checkpoint, countParameters, openCheckpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { runNeeds, type Work } from './needs.ts';
import { solveWork } from './solve-work.ts';

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

/** Every prunable linear of a checkpoint. */
export function slotsOf({ linears }: Pick<Checkpoint, 'linears'>): Slot[] {
  return linears.map(({ tensor, block, kind, out, in: width }) => ({ name: tensor, block, kind, out, in: width }));
}

/** What is known before a budget is made: the zeros each matrix has in the source (none known: none), and what was measured. */
export interface Known {
  readonly sourceZeros?: Readonly<Record<string, number>>;
  readonly sensitivity?: Sensitivity | null;
}

/** What every matrix becomes; see `awaitedMeasure` for what it takes. */
export function planMatrices(
  recipe: Recipe,
  checkpoint: Checkpoint,
  { sourceZeros = {}, sensitivity = null }: Known = {},
): PlannedMatrix[] {
  const slots = slotsOf(checkpoint);
  return makeBudget(recipe, slots, sourceZeros, sensitivity).map(({ zeros, setBy }, i) => ({
    name: slots[i].name,
    block: slots[i].block,
    kind: slots[i].kind,
    shape: [slots[i].out, slots[i].in],
    dtype: checkpoint.tensors.get(slots[i].name)!.type,
    zeros,
    sparsity: zeros / (slots[i].out * slots[i].in),
    setBy,
  }));
}

/** @param known  what reading the texts has shown; without it, lengths are the recipe's and nothing is said of the evaluation */
export async function makePlan(
  resolved: ResolvedRecipe,
  checkpoint: Checkpoint,
  ctx: Context,
  known: Partial<Pick<Work, 'length' | 'evaluation'>> & Pick<Known, 'sensitivity'>,
): Promise<Plan> {
  const { recipe } = resolved;
  const { length = calibrationLength(recipe, checkpoint), sensitivity = null, ...rest } = known;
  const matrices = planMatrices(recipe, checkpoint, { sensitivity });
  const awaits = awaitedMeasure(recipe, sensitivity);
  const zeros = matrices.reduce((sum, matrix) => sum + matrix.zeros, 0);
  const prunable = matrices.reduce((sum, { shape }) => sum + shape[0] * shape[1], 0);
  const { text, samples, seed, flow } = recipe.calibrate;
  return {
    model: resolved.model,
    to: resolved.to,
    modelType: checkpoint.model.modelType,
    parameters: countParameters(checkpoint),
    prunable,
    sparsity: zeros / prunable,
    zeros,
    pattern: recipe.pattern ? `${recipe.pattern.n}:${recipe.pattern.m}` : null,
    awaits,
    control: isControlled(recipe),
    calibration: { text: [text].flat().join(', '), samples, length, seed, flow },
    method: solveName(recipe.solve),
    matrices,
    needs: await runNeeds(
      checkpoint,
      {
        ...{ samples, length, products: products(recipe.solve), solve: solveWork(recipe.solve, samples), ...rest },
        control: isControlled(recipe),
        measurePasses: awaits === null ? 0 : passesOf(measures[recipe.measure.method]),
        measureSeconds: awaits !== null && 'minutes' in recipe.measure ? 60 * Number(recipe.measure.minutes) : 0,
      },
      ctx,
    ),
  };
}

/** Whether a uniform control is asked for that is not the run itself. */
function isControlled({ evaluate, pattern, allocate }: Recipe): boolean {
  return Boolean(evaluate?.control) && !pattern && allocate.method !== 'uniform';
}

/** As a rule, with the defaults of each measure: three for gradients, eight for trials. */
function passesOf(measure: Measure): number {
  if (!readsText(measure)) return 0;
  if (measure.scope === 'block' || measure.anytime) return 1;
  return measure.prunes ? 8 : 3;
}

/** The plan of a recipe whose texts are not read: nothing is said of an evaluation of unknown length. */
export async function dryRun(resolved: ResolvedRecipe, ctx: Context, sensitivity: Sensitivity | null): Promise<Plan> {
  const checkpoint = await openCheckpoint(resolved.model);
  const { evaluate } = resolved.recipe;
  const known = evaluate?.windows
    ? { evaluation: { windows: evaluate.windows, length: evaluationLength(resolved.recipe, checkpoint) } }
    : {};
  return makePlan(resolved, checkpoint, ctx, { ...known, sensitivity });
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
