/** The gestures that sliders and locks stand for. */

import type { BudgetEntry, BudgetRecipe } from '../../src/recipe/budget.ts';
import type { BudgetGesture } from '../../src/recipe/gesture.ts';
import type { Group } from './board.ts';

/** Sets a block or a kind: what is locked within it stays, unless everything is. */
export function setGroup({ slots, names }: Group, sparsity: number, budget: readonly BudgetEntry[]): BudgetGesture {
  return { type: 'set', slots: names, sparsity, respectLocks: slots.some((i) => !budget[i].fixed) };
}

/** Sets just the slots that were chosen, locked or not. */
export function setChosen({ names }: Group, sparsity: number): BudgetGesture {
  return { type: 'set', slots: names, sparsity, respectLocks: false };
}

/** With a pattern, all that a matrix can be locked at is to be left dense. */
export function lockGroup({ names }: Group, locked: boolean, { pattern }: Pick<BudgetRecipe, 'pattern'>): BudgetGesture {
  if (!locked) return { type: 'release', slots: names };
  return pattern ? { type: 'set', slots: names, sparsity: 0, respectLocks: false } : { type: 'lock', slots: names };
}
