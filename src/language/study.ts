/** A recipe together with its surroundings: the budget it comes to, and which of its globs match nothing. */

import { SecateurError } from '../error.ts';
import { type Slot, weightsOf } from '../methods/allocator.ts';
import type { Sensitivity } from '../methods/sensitivity.ts';
import { awaitedMeasure, type BudgetEntry, makeBudget } from '../recipe/budget.ts';
import { coverOf } from '../recipe/cover.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Analysis } from './analysis.ts';
import type { Facts } from './facts.ts';

export interface Study {
  readonly analysis: Analysis;
  readonly facts: Facts;
  /** Absent while the recipe has errors, or its checkpoint is not known. */
  readonly budget: BudgetStudy | undefined;
}

export interface BudgetStudy {
  readonly slots: readonly Slot[];
  /** Without the globs that match nothing. */
  readonly recipe: Recipe;
  /** One a slot; absent where the budget cannot be met. */
  readonly entries: readonly BudgetEntry[] | undefined;
  readonly error: SecateurError | undefined;
  /** Globs of `allocate.fixed` that match no matrix. */
  readonly unmatched: ReadonlySet<string>;
  /** The measure that the budget waits for, and is uniform until then; `null` where it waits for none. */
  readonly awaited: string | null;
}

export function makeStudy(analysis: Analysis, facts: Facts): Study {
  const { checkpoint } = facts;
  const budget =
    analysis.recipe && checkpoint.state === 'ready' ? studyBudget(analysis.recipe, checkpoint.slots, facts.sensitivity) : undefined;
  return { analysis, facts, budget };
}

/** Total number of zeros, and of weights. */
export function totalsOf(slots: readonly Slot[], entries: readonly BudgetEntry[]): { readonly zeros: number; readonly weights: number } {
  return {
    zeros: entries.reduce((sum, { zeros }) => sum + zeros, 0),
    weights: weightsOf(slots),
  };
}

/** What may be thrown at a user is told; anything else is a bug and goes on. */
export function attempt<T>(work: () => T): T | SecateurError {
  try {
    return work();
  } catch (error) {
    if (error instanceof SecateurError) return error;
    throw error;
  }
}

function studyBudget(recipe: Recipe, slots: readonly Slot[], sensitivity: Sensitivity | null): BudgetStudy {
  const cover = coverOf(slots);
  const unmatched = new Set(Object.keys(recipe.allocate.fixed).filter((glob) => cover(glob).length === 0));
  const fixed = Object.fromEntries(Object.entries(recipe.allocate.fixed).filter(([glob]) => !unmatched.has(glob)));
  const sound: Recipe = unmatched.size === 0 ? recipe : { ...recipe, allocate: { ...recipe.allocate, fixed } };
  const made = attempt(() => makeBudget(sound, slots, {}, sensitivity));
  const failed = made instanceof SecateurError;
  return {
    slots,
    recipe: sound,
    entries: failed ? undefined : made,
    error: failed ? made : undefined,
    unmatched,
    awaited: awaitedMeasure(sound, sensitivity),
  };
}
