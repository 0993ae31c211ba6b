/** The budget of a recipe: how many zeros every slot gets, under a total that is exact to one weight. */

import { SecateurError } from '../error.ts';
import {
  type CountLimits,
  exactCounts,
  type FeasibleCounts,
  feasibleCounts,
  nearestShare,
  shareLimits,
} from '../methods/allocate/counts.ts';
import { allocators } from '../methods/allocate/index.ts';
import { type Allocator, isFedBy, type Slot, weightsOf } from '../methods/allocator.ts';
import type { MatrixSensitivity, Sensitivity } from '../methods/sensitivity.ts';
import { coverOf, ownersOf } from './cover.ts';
import type { Recipe } from './schema.ts';

export interface BudgetEntry {
  readonly zeros: number;
  /** The glob of the recipe that fixed the slot, the pattern, or the allocator. */
  readonly setBy: string;
  /** Whether a glob of the recipe did. */
  readonly fixed: boolean;
}

/** Zeros each slot has in the source, by its name. */
export type SourceZeros = Readonly<Record<string, number>>;

/** A share of a matrix that is a whole number of weights comes out this close to it. */
const rounding = 1e-4;

/** The part of a recipe that decides the budget. */
export type BudgetRecipe = Pick<Recipe, 'sparsity' | 'pattern' | 'allocate'>;

/**
 * @param sourceZeros  none known: none
 * @param sensitivity  what the recipe's measure found; where the allocator is fed and there is none, the budget is the uniform one
 * @returns            one entry a slot, in their order
 * @throws             `BUDGET_INFEASIBLE` when limits, patterns and fixed slots leave no room for the total
 *                     `BAD_RECIPE` when a glob matches no slot: a slip of the pen
 */
export function makeBudget(
  recipe: BudgetRecipe,
  slots: readonly Slot[],
  sourceZeros: SourceZeros = {},
  sensitivity: Sensitivity | null = null,
): BudgetEntry[] {
  const globs = Object.keys(recipe.allocate.fixed);
  const cover = coverOf(slots);
  const stray = globs.find((glob) => cover(glob).length === 0);
  if (stray !== undefined)
    throw new SecateurError('BAD_RECIPE', `allocate.fixed: ${stray} matches no matrix`, `Names look like ${slots[0].name}.`);
  const owners = ownersOf(globs, slots);
  const zeros = recipe.pattern ? patternZeros(recipe, slots, owners) : allocatedZeros(recipe, slots, owners, sourceZeros, sensitivity);
  const otherwise = recipe.pattern ? `${recipe.pattern.n}:${recipe.pattern.m}` : usedAllocator(recipe, sensitivity);
  return zeros.map((count, i) => {
    const owner = owners[i];
    return owner < 0 ? { zeros: count, setBy: otherwise, fixed: false } : { zeros: count, setBy: globs[owner], fixed: true };
  });
}

/**
 * The measure that the recipe's allocator waits for, as the recipe would name it; `null` where it has what it takes. Until then every
 * budget is the uniform one, which whoever shows it has to say.
 */
export function awaitedMeasure(recipe: Pick<Recipe, 'allocate' | 'pattern' | 'measure'>, sensitivity: Sensitivity | null): string | null {
  return recipe.pattern || usedAllocator(recipe, sensitivity) === recipe.allocate.method ? null : recipe.measure.method;
}

function usedAllocator({ allocate: { method } }: Pick<Recipe, 'allocate'>, sensitivity: Sensitivity | null): keyof typeof allocators {
  const { feed }: Allocator = allocators[method];
  return !feed || (sensitivity && isFedBy(feed, sensitivity)) ? method : 'uniform';
}

/** The sparsity each slot is fixed at, `undefined` for those that are not. */
export function fixedSparsities({ allocate }: Pick<BudgetRecipe, 'allocate'>, slots: readonly Slot[]): (number | undefined)[] {
  return sharesOf(allocate.fixed, ownersOf(Object.keys(allocate.fixed), slots));
}

/** The least and most zeros that the fixed slots and the limits allow; equal where there is a pattern. */
export function feasibleZeros(recipe: BudgetRecipe, slots: readonly Slot[], sourceZeros: SourceZeros = {}): FeasibleCounts {
  const owners = ownersOf(Object.keys(recipe.allocate.fixed), slots);
  if (!recipe.pattern) return feasibleCounts(limitsOf(recipe, slots, owners, zerosOf(sourceZeros, slots)));
  const zeros = patternZeros(recipe, slots, owners).reduce((sum, count) => sum + count, 0);
  return { least: zeros, most: zeros, weights: weightsOf(slots) };
}

/** What `sparsity` could be instead, so that the total can be met; the present one if it can. */
export function nearestSparsity(recipe: BudgetRecipe, slots: readonly Slot[], sourceZeros: SourceZeros = {}): number {
  const feasible = feasibleZeros(recipe, slots, sourceZeros);
  const total = totalOf(recipe, slots);
  return total >= feasible.least && total <= feasible.most ? recipe.sparsity : nearestShare(total, feasible);
}

/** The zeros of the whole. */
export function totalOf({ sparsity }: Pick<BudgetRecipe, 'sparsity'>, slots: readonly Slot[]): number {
  return Math.round(sparsity * weightsOf(slots));
}

/**
 * @param indices  of the slots, not empty; all of them unless given
 * @returns        their share of zeros: the mean of their sparsities, weighted by their parameters
 */
export function meanSparsity(
  budget: readonly Pick<BudgetEntry, 'zeros'>[],
  slots: readonly Slot[],
  indices: readonly number[] = slots.map((_, i) => i),
): number {
  let [zeros, weights] = [0, 0];
  for (const i of indices) {
    zeros += budget[i].zeros;
    weights += slots[i].out * slots[i].in;
  }
  return zeros / weights;
}

function allocatedZeros(
  recipe: BudgetRecipe,
  slots: readonly Slot[],
  owners: Int32Array,
  sourceZeros: SourceZeros,
  sensitivity: Sensitivity | null,
): readonly number[] {
  const { method, fixed, min, max, ...options } = recipe.allocate;
  const total = totalOf(recipe, slots);
  const source = zerosOf(sourceZeros, slots);
  const sourceTotal = source.reduce((sum, zeros) => sum + zeros, 0);
  // A source with more zeros than were asked for is left as it is.
  if (sourceTotal > 0 && total <= sourceTotal && Object.keys(fixed).length === 0) return [...source];
  const used = usedAllocator(recipe, sensitivity);
  const allocator: Allocator = allocators[used];
  const limits = limitsOf(recipe, slots, owners, source);
  const { least, most } = shareLimits(limits);
  const sensitivities = allocator.feed ? inOrder(slots, sensitivity!) : [];
  const shares = allocator.allocate({ slots, sparsity: recipe.sparsity, least, most, sensitivities }, used === method ? options : {});
  return exactCounts({ ...limits, shares, total });
}

/** @throws `BAD_ARGUMENT` naming a slot that was not measured: what was found is of another checkpoint */
function inOrder(slots: readonly Slot[], { matrices }: Sensitivity): readonly MatrixSensitivity[] {
  // They mostly are, and to look is faster than to make a map for every frame of a drag.
  if (matrices.length === slots.length && matrices.every(({ name }, i) => name === slots[i].name)) return matrices;
  const byName = new Map(matrices.map((matrix) => [matrix.name, matrix]));
  return slots.map(({ name }) => {
    const found = byName.get(name);
    if (!found) throw new SecateurError('BAD_ARGUMENT', `${name} was not measured`, 'Measure again.');
    return found;
  });
}

/** A limit that falls between two weights allows both. What the source has already is above any limit: no weight is made up. */
function limitsOf({ allocate }: BudgetRecipe, slots: readonly Slot[], owners: Int32Array, source: Float64Array): CountLimits {
  const { min, max } = allocate;
  const [minimums, maximums] = [new Float64Array(slots.length), new Float64Array(slots.length)];
  for (let i = 0; i < slots.length; i++) {
    const size = slots[i].out * slots[i].in;
    minimums[i] = Math.max(source[i], owners[i] < 0 ? Math.floor(min * size + rounding) : 0);
    maximums[i] = Math.max(source[i], Math.ceil(max * size - rounding));
  }
  return { slots, minimums, maximums, fixed: sharesOf(allocate.fixed, owners) };
}

/** The sparsity each slot is fixed at by its owner. */
function sharesOf(fixed: BudgetRecipe['allocate']['fixed'], owners: Int32Array): (number | undefined)[] {
  // To look each value up is much faster than to list those of a record with thousands of names.
  const globs = Object.keys(fixed);
  const shares = new Array<number | undefined>(owners.length);
  for (let i = 0; i < owners.length; i++) shares[i] = owners[i] < 0 ? undefined : fixed[globs[owners[i]]];
  return shares;
}

function zerosOf(sourceZeros: SourceZeros, slots: readonly Slot[]): Float64Array {
  const zeros = new Float64Array(slots.length);
  if (Object.keys(sourceZeros).length > 0) for (let i = 0; i < slots.length; i++) zeros[i] = sourceZeros[slots[i].name] ?? 0;
  return zeros;
}

/** n:m leaves no choice but whether a matrix takes part. */
function patternZeros({ pattern, allocate }: BudgetRecipe, slots: readonly Slot[], owners: Int32Array): readonly number[] {
  const { n, m } = pattern!;
  const entries = Object.entries(allocate.fixed);
  return slots.map((slot, i) => {
    const [glob, fixed] = entries[owners[i]] ?? [];
    if (fixed === 0) return 0;
    if (fixed !== undefined)
      throw new SecateurError(
        'BUDGET_INFEASIBLE',
        `${slot.name}: sparsity ${fixed} is fixed by ${glob}, but the pattern is ${n}:${m}`,
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
