/** Locks slots at the sparsities they have, in few digits where the total allows. */

import * as v from 'valibot';
import { SecateurError } from '../error.ts';
import type { Slot } from '../methods/allocator.ts';
import type { Sensitivity } from '../methods/sensitivity.ts';
import { type BudgetRecipe, feasibleZeros, makeBudget, totalOf } from './budget.ts';
import { wordsOf } from './fields.ts';
import { fixFreeSlots, type Lock } from './locks.ts';
import { nameSlots } from './name-slots.ts';
import { sparsity } from './steps.ts';

/** A slot that is to be locked. */
interface Present {
  readonly i: number;
  readonly zeros: number;
  readonly size: number;
}

/**
 * Slots that are fixed already stay as they are. Sparsities that agree in four digits share an entry; where these digits would move the
 * slots that stay free by more than they are rounded by themselves, or leave no room for the total, as many digits are written as give
 * every slot the very zeros it has.
 *
 * @param wanted       indices of slots, ascending
 * @param sensitivity  what the recipe's measure found; without it the budget that is locked is the uniform one, as `makeBudget`
 * @throws             `BUDGET_INFEASIBLE` when the recipe's own budget cannot be made, or gives a slot more than can be fixed
 */
export function lockAtPresent(
  recipe: BudgetRecipe,
  locks: readonly Lock[],
  slots: readonly Slot[],
  wanted: readonly number[],
  sensitivity: Sensitivity | null,
): readonly Lock[] {
  const budget = makeBudget(recipe, slots, {}, sensitivity);
  const present = wanted
    .filter((i) => !budget[i].fixed)
    .map((i): Present => ({ i, zeros: budget[i].zeros, size: slots[i].out * slots[i].in }));
  if (present.length === 0) return locks;
  for (const { i, zeros, size } of present)
    if (!isShare(Number((zeros / size).toFixed(4))))
      throw new SecateurError(
        'BUDGET_INFEASIBLE',
        `${slots[i].name} has sparsity ${(zeros / size).toFixed(4)}; what can be fixed is ${wordsOf(sparsity)}`,
        'Set a lower sparsity for the whole, or a lower allocate.max.',
      );
  const rounded = groupRounded(present);
  const groups = leavesRoom(recipe, locks, slots, wanted, rounded) ? rounded : groupExact(present);
  return fixGroups(locks, slots, wanted, groups);
}

interface Group {
  readonly sparsity: number;
  readonly members: readonly Present[];
}

function fixGroups(locks: readonly Lock[], slots: readonly Slot[], wanted: readonly number[], groups: readonly Group[]): readonly Lock[] {
  if (groups.length === 1) return fixFreeSlots(locks, slots, wanted, groups[0].sparsity);
  const added = groups.flatMap((group) =>
    nameSlots(
      group.members.map(({ i }) => i),
      slots,
    ).map((glob): Lock => [glob, group.sparsity]),
  );
  return [...locks, ...added];
}

function leavesRoom(
  recipe: BudgetRecipe,
  locks: readonly Lock[],
  slots: readonly Slot[],
  wanted: readonly number[],
  groups: readonly Group[],
): boolean {
  const fixed = Object.fromEntries(fixGroups(locks, slots, wanted, groups));
  const { least, most } = feasibleZeros({ ...recipe, allocate: { ...recipe.allocate, fixed } }, slots);
  const total = totalOf(recipe, slots);
  const moved = groups.flatMap((group) => group.members.map(({ zeros, size }) => Math.round(group.sparsity * size) - zeros));
  return total >= least && total <= most && Math.abs(moved.reduce((sum, zeros) => sum + zeros, 0)) <= 1e-4 * (most - least);
}

function groupRounded(present: readonly Present[]): Group[] {
  const groups = new Map<number, Present[]>();
  for (const slot of present) {
    const rounded = Number((slot.zeros / slot.size).toFixed(4));
    const members = groups.get(rounded);
    if (members) members.push(slot);
    else groups.set(rounded, [slot]);
  }
  return [...groups].map(([rounded, members]) => ({ sparsity: rounded, members }));
}

/** A slot's zeros come from any sparsity in an interval; slots whose intervals have a part in common share the shortest number in it. */
function groupExact(present: readonly Present[]): Group[] {
  const runs: Present[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const slot of present.toSorted((a, b) => leastOf(a) - leastOf(b))) {
    const isShared = leastOf(slot) < end;
    if (isShared) runs.at(-1)!.push(slot);
    else runs.push([slot]);
    end = isShared ? Math.min(end, mostOf(slot)) : mostOf(slot);
  }
  return runs.flatMap((run) => {
    const members = run.toSorted((a, b) => a.i - b.i);
    const shared = shortestShare(members);
    return shared === undefined
      ? members.map((slot) => ({ sparsity: slot.zeros / slot.size, members: [slot] }))
      : [{ sparsity: shared, members }];
  });
}

function shortestShare(members: readonly Present[]): number | undefined {
  const least = Math.max(0, ...members.map(leastOf));
  const most = Math.min(...members.map(mostOf));
  for (let digits = 4; digits < 17; digits++)
    for (const scaled of [Math.round(((least + most) / 2) * 10 ** digits), Math.ceil(least * 10 ** digits)]) {
      const share = Number(`${scaled}e-${digits}`);
      if (isShare(share) && members.every(({ zeros, size }) => Math.round(share * size) === zeros)) return share;
    }
  return undefined;
}

function leastOf({ zeros, size }: Present): number {
  return (zeros - 0.5) / size;
}

function mostOf({ zeros, size }: Present): number {
  return (zeros + 0.5) / size;
}

function isShare(share: number): boolean {
  return v.is(sparsity, share);
}
