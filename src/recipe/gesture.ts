/** What a hand does to the budget in the panel, as the smallest edit of the recipe's text. */

import * as v from 'valibot';
import { isNode } from 'yaml';
import { SecateurError } from '../error.ts';
import { allocators } from '../methods/allocate/index.ts';
import type { Slot } from '../methods/allocator.ts';
import type { Sensitivity } from '../methods/sensitivity.ts';
import { type BudgetRecipe, feasibleZeros, fixedSparsities, makeBudget, nearestSparsity, totalOf } from './budget.ts';
import { applyEdits, valueEdits } from './edit.ts';
import { entryEdits } from './edit-entries.ts';
import { methodEdits } from './edit-method.ts';
import { isShared } from './edit-remove.ts';
import { wordsOf } from './fields.ts';
import { lockAtPresent } from './lock-present.ts';
import { fixFreeSlots, fixSlots, freeSlots, type Lock } from './locks.ts';
import { ownSensitivity } from './own-sensitivity.ts';
import { checkRecipe } from './parse.ts';
import { type Path, pathName } from './problem.ts';
import type { Source, TextEdit } from './source.ts';
import { sparsity as sparsitySchema } from './steps.ts';
import { mostCharacters, readYaml } from './yaml-text.ts';

export type Gesture =
  | BudgetGesture
  /** Measures or allocates by another method; takes a recipe with problems too, since it may be what mends them. */
  | { readonly type: 'method'; readonly step: 'measure' | 'allocate'; readonly method: string };

/** What moves the budget within one method, so that it can be shown before it is written. Slots are named by their tensors. */
export type BudgetGesture =
  /** Sets the total. */
  | { readonly type: 'target'; readonly sparsity: number }
  /** Gives slots one sparsity and locks them there; slots that another entry locks keep what they have if `respectLocks`. */
  | { readonly type: 'set'; readonly slots: readonly string[]; readonly sparsity: number; readonly respectLocks: boolean }
  /** Locks slots at the sparsity that the budget gives them now. */
  | { readonly type: 'lock'; readonly slots: readonly string[] }
  /** Gives slots back to the method. */
  | { readonly type: 'release'; readonly slots: readonly string[] }
  /** Gives every slot back to the method. */
  | { readonly type: 'reset' }
  /** Sets a number that the allocator takes. */
  | { readonly type: 'option'; readonly option: string; readonly value: number };

/**
 * The edits of `text` that a gesture makes, apart from each other and in order; none if it changes nothing.
 *
 * An entry of `allocate.fixed` that goes takes a comment behind it on its line along; all other comments stay. A `fixed` left without
 * entries goes with its key, and `allocate` too if that was all it had, unless a comment belongs to them: then `{}` is left.
 *
 * @param sensitivity  what is known of the slots; only what the recipe's own measure found counts
 * @throws `BAD_RECIPE` when the text has errors, or when the gesture cannot be written into it
 *         `BAD_ARGUMENT` when a slot, method or option does not exist or a number is out of range
 *         `BUDGET_INFEASIBLE` when no allocation can follow, with the nearest that can in the hint; `release` and `reset` only throw it
 *         when they would break a budget that can be met
 */
export function gestureEdits(
  text: string,
  gesture: Gesture,
  slots: readonly Slot[],
  sensitivity: Sensitivity | null = null,
): readonly TextEdit[] {
  const yaml = readYaml(text);
  if (gesture.type === 'method') return changeMethod(text, yaml, gesture);
  const { recipe, problems } = checkRecipe(text, yaml);
  if (!recipe || !yaml.document)
    throw new SecateurError(
      'BAD_RECIPE',
      `The recipe has errors: ${problems.find(({ severity }) => severity === 'error')?.message}`,
      'Put them right in the text first.',
    );
  const next = previewGesture(recipe, gesture, slots, ownSensitivity(recipe, sensitivity));
  if (next === recipe) return [];
  refuseInfeasible(recipe, next, gesture, slots);
  const edits = writeGesture({ text, document: yaml.document }, gesture, next);
  const { length } = applyEdits(text, edits);
  if (length > mostCharacters)
    throw new SecateurError(
      'BAD_RECIPE',
      `The recipe would have ${length} characters, at most ${mostCharacters} are read`,
      'Name matrices together by globs, such as "*.q_proj".',
    );
  return edits;
}

/**
 * The recipe as it would be after a gesture; the same object if the gesture changes nothing. Whether its total can be met shows `makeBudget`.
 *
 * @param sensitivity  what the recipe's own measure found
 * @throws `BAD_ARGUMENT` and, where a pattern leaves no choice, `BUDGET_INFEASIBLE`, as `gestureEdits`
 */
export function previewGesture<R extends BudgetRecipe>(
  recipe: R,
  gesture: BudgetGesture,
  slots: readonly Slot[],
  sensitivity: Sensitivity | null = null,
): R {
  if (gesture.type === 'target') return withTarget(recipe, gesture.sparsity, slots);
  if (gesture.type === 'option') return withOption(recipe, gesture.option, gesture.value);
  const { fixed } = recipe.allocate;
  const locks = Object.keys(fixed).map((glob): Lock => [glob, fixed[glob]]);
  const changed = changeLocks(recipe, locks, gesture, slots, sensitivity);
  const isUnchanged = changed.length === locks.length && changed.every(([glob, value], k) => glob === locks[k][0] && value === locks[k][1]);
  return isUnchanged ? recipe : { ...recipe, allocate: { ...recipe.allocate, fixed: Object.fromEntries(changed) } };
}

/** The gesture of the same kind that is nearest to one whose total cannot be met, and whose own can; `undefined` if there is none. */
export function nearestGesture(recipe: BudgetRecipe, gesture: BudgetGesture, slots: readonly Slot[]): BudgetGesture | undefined {
  if (recipe.pattern || (gesture.type !== 'target' && gesture.type !== 'set')) return undefined;
  const candidates =
    gesture.type === 'target' ? [nearestSparsity({ ...recipe, sparsity: gesture.sparsity }, slots)] : nearestSets(recipe, gesture, slots);
  const nearest = candidates.find(
    (sparsity) => v.is(sparsitySchema, sparsity) && isFeasible(previewGesture(recipe, { ...gesture, sparsity }, slots), slots),
  );
  return nearest === undefined ? undefined : { ...gesture, sparsity: nearest };
}

function changeLocks(
  recipe: BudgetRecipe,
  locks: readonly Lock[],
  gesture: Exclude<BudgetGesture, { type: 'target' | 'option' }>,
  slots: readonly Slot[],
  sensitivity: Sensitivity | null,
): readonly Lock[] {
  if (gesture.type === 'reset') return [];
  const wanted = findSlots(gesture.slots, slots);
  if (wanted.length === 0) return locks;
  if (gesture.type === 'release') return freeSlots(locks, slots, wanted);
  if (gesture.type === 'lock') {
    const free = fixedSparsities(recipe, slots);
    if (recipe.pattern && wanted.some((i) => free[i] === undefined)) refusePattern(recipe.pattern);
    return lockAtPresent(recipe, locks, slots, wanted, sensitivity);
  }
  const sparsity = roundShare(gesture.sparsity);
  if (recipe.pattern && sparsity !== 0) refusePattern(recipe.pattern);
  return gesture.respectLocks ? fixFreeSlots(locks, slots, wanted, sparsity) : fixSlots(locks, slots, wanted, sparsity);
}

/** Rounded, unless only the target as it was asked for can be met. */
function withTarget<R extends BudgetRecipe>(recipe: R, asked: number, slots: readonly Slot[]): R {
  if (recipe.pattern)
    throw new SecateurError(
      'BUDGET_INFEASIBLE',
      `The pattern ${recipe.pattern.n}:${recipe.pattern.m} sets the sparsity`,
      'Write `sparsity` in the place of `pattern` to choose another, or leave single matrices dense.',
    );
  const rounded = { ...recipe, sparsity: roundShare(asked) };
  const exact = { ...recipe, sparsity: asked };
  const next = !isFeasible(rounded, slots) && isFeasible(exact, slots) ? exact : rounded;
  return next.sparsity === recipe.sparsity ? recipe : next;
}

/** In four digits, as shares are. */
function withOption<R extends BudgetRecipe>(recipe: R, option: string, asked: number): R {
  const { allocate } = recipe;
  const { entries } = allocators[allocate.method].options as { readonly entries: Readonly<Record<string, v.GenericSchema>> };
  const value = Number(asked.toFixed(4));
  if (!Object.hasOwn(entries, option) || !v.is(entries[option], value))
    throw new SecateurError(
      'BAD_ARGUMENT',
      Object.hasOwn(entries, option)
        ? `allocate.${option} is ${wordsOf(entries[option])}, not ${asked}`
        : `${allocate.method} takes no ${option}`,
    );
  return (allocate as Readonly<Record<string, unknown>>)[option] === value
    ? recipe
    : { ...recipe, allocate: { ...allocate, [option]: value } };
}

function roundShare(share: number): number {
  const rounded = Number(share.toFixed(4)) + 0;
  if (v.is(sparsitySchema, rounded)) return rounded;
  throw new SecateurError('BAD_ARGUMENT', `A sparsity is ${wordsOf(sparsitySchema)}, not ${share}`);
}

function refusePattern({ n, m }: NonNullable<BudgetRecipe['pattern']>): never {
  throw new SecateurError(
    'BUDGET_INFEASIBLE',
    `With the pattern ${n}:${m} a matrix has that pattern or is left dense`,
    'Set it to 0 to leave it dense, or write `sparsity` in the place of `pattern` for sparsities in between.',
  );
}

/** Their indices, ascending. */
function findSlots(names: readonly string[], slots: readonly Slot[]): number[] {
  const wanted = new Set(names);
  const found: number[] = [];
  for (let i = 0; i < slots.length; i++) if (wanted.delete(slots[i].name)) found.push(i);
  const [unknown] = wanted;
  if (unknown !== undefined) throw new SecateurError('BAD_ARGUMENT', `${unknown} is no matrix of the checkpoint that can be pruned`);
  return found;
}

function refuseInfeasible(recipe: BudgetRecipe, next: BudgetRecipe, gesture: BudgetGesture, slots: readonly Slot[]): void {
  const fault = budgetFault(next, slots);
  if (!fault) return;
  if ((gesture.type === 'release' || gesture.type === 'reset') && budgetFault(recipe, slots)) return;
  if (gesture.type !== 'set' || fault.code !== 'BUDGET_INFEASIBLE') throw fault;
  const nearest = nearestGesture(recipe, gesture, slots);
  throw new SecateurError(
    fault.code,
    fault.message,
    nearest?.type === 'set'
      ? `The nearest that these matrices can be set to is ${nearest.sparsity}. Release others to go further.`
      : 'Too few matrices would be left free to make up the total. Release others first.',
  );
}

function budgetFault(recipe: BudgetRecipe, slots: readonly Slot[]): SecateurError | undefined {
  try {
    makeBudget(recipe, slots);
    return undefined;
  } catch (error) {
    if (error instanceof SecateurError) return error;
    throw error;
  }
}

function isFeasible(recipe: BudgetRecipe, slots: readonly Slot[]): boolean {
  const { least, most } = feasibleZeros(recipe, slots);
  const total = totalOf(recipe, slots);
  return total >= least && total <= most;
}

/** What slots could be set to so that the others make up the total, in four digits: the nearest or none. */
function nearestSets(recipe: BudgetRecipe, gesture: BudgetGesture & { type: 'set' }, slots: readonly Slot[]): number[] {
  const at = (sparsity: number) => fixedSparsities(previewGesture(recipe, { ...gesture, sparsity }, slots), slots);
  // What follows the gesture, whichever way it goes, is what it sets.
  const [low, high] = [at(0.25), at(0.75)];
  const sizes = slots.filter((_, i) => low[i] === 0.25 && high[i] === 0.75).map((slot) => slot.out * slot.in);
  const { least, most } = feasibleZeros(previewGesture(recipe, { ...gesture, sparsity: 0 }, slots), slots);
  const total = totalOf(recipe, slots);
  const zerosAt = (steps: number) => sizes.reduce((sum, size) => sum + Math.round((steps / 10_000) * size), 0);
  const first = firstStep((steps) => zerosAt(steps) >= total - most);
  const last = firstStep((steps) => zerosAt(steps) > total - least) - 1;
  const nearest = Math.min(Math.max(Math.round(gesture.sparsity * 10_000), first), last);
  return nearest < first ? [] : [nearest / 10_000];
}

/** The first ten thousandth from which on something is so. */
function firstStep(isSo: (steps: number) => boolean): number {
  let [low, high] = [0, 10_001];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function writeGesture(source: Source, gesture: BudgetGesture, next: BudgetRecipe): readonly TextEdit[] {
  if (gesture.type === 'target') return numberEdits(source, ['sparsity'], next.sparsity);
  if (gesture.type === 'option') return numberEdits(source, ['allocate', gesture.option], Number(gesture.value.toFixed(4)));
  return entryEdits(source, ['allocate', 'fixed'], Object.entries(next.allocate.fixed));
}

function numberEdits(source: Source, path: Path, value: number): readonly TextEdit[] {
  const node = source.document.getIn(path, true);
  if (isNode(node) && isShared(source, [node]))
    throw new SecateurError('BAD_RECIPE', `${pathName(path)} has an anchor that is used elsewhere in the recipe`, 'Change it in the text.');
  return valueEdits(source, path, value);
}

function changeMethod(text: string, { document, faults }: ReturnType<typeof readYaml>, { step, method }: Gesture & { type: 'method' }) {
  const fault = faults.find(({ severity }) => severity === 'error');
  if (!document || fault)
    throw new SecateurError('BAD_RECIPE', `The recipe has errors: ${fault?.message}`, 'Put them right in the text first.');
  return methodEdits({ text, document }, step, method);
}
