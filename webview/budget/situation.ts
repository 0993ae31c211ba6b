/** What a recipe's text asks of a checkpoint's matrices: the recipe, its problems, and the budget or why there can be none. */

import { SecateurError } from '../../src/error.ts';
import type { Slot } from '../../src/methods/allocator.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import { type BudgetEntry, type BudgetRecipe, makeBudget } from '../../src/recipe/budget.ts';
import { type BudgetGesture, nearestGesture, previewGesture } from '../../src/recipe/gesture.ts';
import { type NamedMethods, namedMethods } from '../../src/recipe/named-methods.ts';
import { checkRecipe } from '../../src/recipe/parse.ts';
import type { Problem } from '../../src/recipe/problem.ts';
import type { Recipe } from '../../src/recipe/schema.ts';
import { readYaml } from '../../src/recipe/yaml-text.ts';

export interface Reading {
  readonly text: string;
  /** The last recipe that had no error; `null` if there was none yet. */
  readonly recipe: Recipe | null;
  readonly problems: readonly Problem[];
  /** Whether the recipe is older than the text, which has errors. */
  readonly stale: boolean;
  readonly named: NamedMethods;
}

export interface Fault {
  readonly message: string;
  readonly hint: string | undefined;
  /** The nearest gesture that can be met. */
  readonly nearest: BudgetGesture | null;
}

export interface Budgeted {
  readonly recipe: BudgetRecipe;
  /** One entry a slot, in their order. */
  readonly budget: readonly BudgetEntry[];
  readonly zeros: number;
}

export function readRecipe(text: string, before: Reading | null): Reading {
  if (before?.text === text) return before;
  const yaml = readYaml(text);
  const { recipe, problems } = checkRecipe(text, yaml);
  return {
    text,
    recipe: recipe ?? before?.recipe ?? null,
    problems,
    stale: recipe === undefined,
    named: namedMethods(yaml.document),
  };
}

/**
 * @param gesture      what a hand is about to do to the recipe, if anything
 * @param sensitivity  what the recipe's own measure found
 * @returns            the budget; or why it cannot be made
 */
export function budgetFor(
  recipe: BudgetRecipe,
  slots: readonly Slot[],
  gesture: BudgetGesture | null,
  sensitivity: Sensitivity | null,
): Budgeted | Fault {
  try {
    const after = gesture ? previewGesture(recipe, gesture, slots, sensitivity) : recipe;
    const budget = makeBudget(after, slots, {}, sensitivity);
    return { recipe: after, budget, zeros: budget.reduce((sum, { zeros }) => sum + zeros, 0) };
  } catch (error) {
    if (!(error instanceof SecateurError)) throw error;
    const nearest = nearestGesture(recipe, gesture ?? { type: 'target', sparsity: recipe.sparsity }, slots) ?? null;
    return { message: error.message, hint: error.hint, nearest };
  }
}

export function isFault(result: Budgeted | Fault): result is Fault {
  return 'message' in result;
}
