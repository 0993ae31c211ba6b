/** Everything the panel shows that follows from the host's state; what has not changed keeps its identity, since caches hang on it. */

import type { Slot } from '../../src/methods/allocator.ts';
import { measures } from '../../src/methods/measure/index.ts';
import type { Measure } from '../../src/methods/measure.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import type { SolvedMatrix } from '../../src/protocol/engine.ts';
import { mergeMatrices } from '../../src/protocol/merge-matrices.ts';
import type { BudgetState, RunState } from '../../src/protocol/panel.ts';
import { isSameSensitivity } from '../../src/protocol/same-sensitivity.ts';
import { slotsOf } from '../../src/protocol/slots.ts';
import { awaitedMeasure } from '../../src/recipe/budget.ts';
import { ownSensitivity } from '../../src/recipe/own-sensitivity.ts';
import { isRunning } from './actions.ts';
import { type Board, type Group, groupsOf, makeBoard } from './board.ts';
import { type Findings, factsOf, type SlotFacts, solvedOf } from './facts.ts';
import { type Budgeted, budgetFor, type Fault, isFault, type Reading, readRecipe } from './situation.ts';

export interface Derived {
  readonly state: BudgetState;
  readonly reading: Reading;
  readonly slots: readonly Slot[];
  /** What a measure has found so far, while it is on its way; what was measured before does not count meanwhile. */
  readonly live: Findings | null;
  readonly facts: SlotFacts;
  /** What the recipe's own measure found of all slots; `null` where that is not known. */
  readonly sensitivity: Sensitivity | null;
  /** The measure that the budget waits for, and is uniform until then; `null` where it waits for none. */
  readonly awaited: string | null;
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
  const sensitivity = keepSensitivity(sensitivityFor(state, reading, slots), before, sameSlots);
  const live = findingsOf(state, reading, before);
  const board = sameSlots ? before.board : makeBoard(slots);
  const groups = sameSlots ? before : groupsOf(slots, board);
  const sameBudget = sameSlots && before.reading.recipe === reading.recipe && before.sensitivity === sensitivity;
  const sameFacts =
    sameSlots && before.sensitivity === sensitivity && before.live === live && before.reading.recipe?.sparsity === reading.recipe?.sparsity;
  const settled = sameBudget
    ? before.settled
    : reading.recipe && slots.length > 0
      ? budgetFor(reading.recipe, slots, null, sensitivity)
      : null;
  return {
    state,
    reading,
    slots,
    live,
    facts: sameFacts ? before.facts : factsOf(slots, live ?? sensitivity, reading.recipe?.sparsity ?? 0),
    sensitivity,
    awaited: reading.recipe && slots.length > 0 ? awaitedMeasure(reading.recipe, sensitivity) : null,
    board,
    blocks: groups.blocks,
    kinds: groups.kinds,
    solved: solvedOf(slots, state.run?.matrices ?? []),
    settled,
    lastGood:
      settled && !isFault(settled) ? settled : ((sameSlots ? before.lastGood : null) ?? nearestOf(reading, slots, settled, sensitivity)),
  };
}

/** What was found of another checkpoint, or by another measure than the recipe now names, is not the budget's. */
function sensitivityFor({ sensitivity }: BudgetState, { recipe }: Reading, slots: readonly Slot[]): Sensitivity | null {
  const own = recipe && ownSensitivity(recipe, sensitivity);
  if (!own || own.matrices.length < slots.length) return null;
  const names = new Set(own.matrices.map(({ name }) => name));
  return slots.every(({ name }) => names.has(name)) ? own : null;
}

function keepSensitivity(now: Sensitivity | null, before: Derived | null, sameSlots: boolean): Sensitivity | null {
  const known = sameSlots ? before!.sensitivity : null;
  return isSameSensitivity(known, now) ? known : now;
}

/** Of a run that measures; once it is done, until its result has come, unless the recipe is another by then. */
function findingsOf({ run, sensitivity, text }: BudgetState, { recipe }: Reading, before: Derived | null): Findings | null {
  if (!run || run.sensitivities.length === 0 || !recipe) return null;
  const isMeasuring = isRunning({ run }) && (run.kind === 'measure' || run.progress?.step === 'measure');
  const isAwaited = run.state === 'done' && run.kind === 'measure' && !sensitivity && before?.live && before.state.text === text;
  if (!isMeasuring && !isAwaited) return null;
  if (before?.live?.matrices === run.sensitivities) return before.live;
  const { gives, unit }: Measure = measures[recipe.measure.method];
  return { gives, unit, matrices: run.sensitivities };
}

function nearestOf({ recipe }: Reading, slots: readonly Slot[], fault: Budgeted | Fault | null, sensitivity: Sensitivity | null) {
  if (!recipe || !fault || !isFault(fault) || !fault.nearest) return null;
  const nearest = budgetFor(recipe, slots, fault.nearest, sensitivity);
  return isFault(nearest) ? null : nearest;
}

/** The block that a run works on, and whether it is through with a slot. */
export function workOf({ state: { run }, slots, solved, live, facts }: Derived): {
  readonly block: number | null;
  isDone(slot: number): boolean;
} {
  if (live) {
    const isDone = (slot: number) => facts.ranks[slot] > 0;
    return { block: slots.find((_, i) => !isDone(i))?.block ?? null, isDone };
  }
  const isPruning = run?.kind === 'prune' && run.state === 'running' && run.progress?.step === 'prune';
  return { block: isPruning ? Math.floor(run.progress!.done) : null, isDone: (slot) => solved[slot] !== undefined };
}

/** The message between states brings only the matrices that are new. */
export function withRun(state: BudgetState, run: RunState): BudgetState {
  const before = state.run?.startedMs === run.startedMs ? state.run : undefined;
  const matrices = mergeMatrices(before?.matrices ?? [], run.matrices);
  const sensitivities = mergeMatrices(before?.sensitivities ?? [], run.sensitivities);
  return { ...state, run: { ...run, matrices, sensitivities } };
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

function keep<T>(now: readonly T[], before: readonly T[] | undefined, same: (a: T, b: T) => boolean): readonly T[] {
  return before && before.length === now.length && now.every((item, i) => same(item, before[i])) ? before : now;
}
