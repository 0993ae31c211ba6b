/** Everything the panel shows that follows from the host's state; what has not changed keeps its identity, since caches hang on it. */

import type { Slot } from '../../src/methods/allocator.ts';
import type { SolvedMatrix } from '../../src/protocol/engine.ts';
import type { BudgetState, RunState } from '../../src/protocol/panel.ts';
import { slotsOf } from '../../src/protocol/slots.ts';
import { type Board, type Group, groupsOf, makeBoard } from './board.ts';
import { factsOf, type SlotFacts, solvedOf } from './facts.ts';
import { type Budgeted, budgetFor, type Fault, isFault, type Reading, readRecipe } from './situation.ts';

export interface Derived {
  readonly state: BudgetState;
  readonly reading: Reading;
  readonly slots: readonly Slot[];
  readonly facts: SlotFacts;
  readonly board: Board;
  readonly blocks: readonly Group[];
  readonly kinds: readonly Group[];
  readonly solved: readonly (SolvedMatrix | undefined)[];
  /** The budget of the text as it stands, or why there is none; `null` without a recipe or a checkpoint. */
  readonly settled: Budgeted | Fault | null;
  /** The last budget that could be made for these slots; the nearest to the text's wish if there was none yet. */
  readonly lastGood: Budgeted | null;
}

export function derive(state: BudgetState, before: Derived | null): Derived {
  const reading = readRecipe(state.text, before?.reading ?? null);
  const slots = keep(slotsOf(state.checkpoint), before?.slots, sameSlot);
  const sameSlots = slots === before?.slots;
  const sameSensitivity = sameSlots && sameMeasure(state, before.state);
  const board = sameSlots ? before.board : makeBoard(slots);
  const groups = sameSlots ? before : groupsOf(slots, board);
  const sameBudget = sameSlots && before.reading.recipe === reading.recipe;
  const settled = sameBudget ? before.settled : reading.recipe && slots.length > 0 ? budgetFor(reading.recipe, slots, null) : null;
  return {
    state,
    reading,
    slots,
    facts: sameSensitivity ? before.facts : factsOf(slots, state.sensitivity),
    board,
    blocks: groups.blocks,
    kinds: groups.kinds,
    solved: solvedOf(slots, state.run?.matrices ?? []),
    settled,
    lastGood: settled && !isFault(settled) ? settled : ((sameSlots ? before.lastGood : null) ?? nearestOf(reading, slots, settled)),
  };
}

function nearestOf({ recipe }: Reading, slots: readonly Slot[], fault: Budgeted | Fault | null): Budgeted | null {
  if (!recipe || !fault || !isFault(fault) || !fault.nearest) return null;
  const nearest = budgetFor(recipe, slots, fault.nearest);
  return isFault(nearest) ? null : nearest;
}

/** The message between states brings only the matrices that are new. */
export function withRun(state: BudgetState, run: RunState): BudgetState {
  const before = state.run?.startedMs === run.startedMs ? state.run.matrices : [];
  return { ...state, run: { ...run, matrices: [...before, ...run.matrices] } };
}

/** Why the recipe cannot be run as it stands; `null` if it can. */
export function readiness({ state, reading, settled }: Derived): string | null {
  if (reading.stale) return 'The recipe has problems.';
  if (state.checkpoint.state !== 'ready') return 'There is no checkpoint to work on.';
  if (settled && isFault(settled)) return 'The budget cannot be met.';
  return null;
}

function sameSlot(a: Slot, b: Slot): boolean {
  return a.name === b.name && a.out === b.out && a.in === b.in && a.block === b.block;
}

function sameMeasure({ sensitivity: a }: BudgetState, { sensitivity: b }: BudgetState): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.method === b.method &&
    a.matrices.length === b.matrices.length &&
    a.matrices.every((matrix, i) => matrix.name === b.matrices[i].name && matrix.value === b.matrices[i].value)
  );
}

function keep<T>(now: readonly T[], before: readonly T[] | undefined, same: (a: T, b: T) => boolean): readonly T[] {
  return before && before.length === now.length && now.every((item, i) => same(item, before[i])) ? before : now;
}
