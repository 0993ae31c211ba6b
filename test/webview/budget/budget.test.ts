import { describe, expect, it } from 'vitest';
import type { RunState } from '../../../src/protocol/panel.ts';
import { slotsOf } from '../../../src/protocol/slots.ts';
import { offersOf } from '../../../webview/budget/actions.ts';
import { createAnnouncer } from '../../../webview/budget/announcer.ts';
import { groupsOf, makeBoard, openColumn } from '../../../webview/budget/board.ts';
import { makeCells } from '../../../webview/budget/cells.ts';
import { derive, readiness, withRun } from '../../../webview/budget/derive.ts';
import { factsOf, meanErrors } from '../../../webview/budget/facts.ts';
import { runSentence } from '../../../webview/budget/header.ts';
import { cellValue, colouring, type ShownId, shown, shownTable, type View } from '../../../webview/budget/measures.ts';
import { budgetFor, isFault } from '../../../webview/budget/situation.ts';
import { budgetState, inspectionOf, recipe, sensitivityOf } from '../../panel/fixtures/budget-model.ts';
import { lockedSlots } from '../../support/slots.ts';

const inspection = inspectionOf(3);
const slots = slotsOf({ state: 'ready', inspection });
const state = budgetState(inspection);
const first = derive(state, null);

function viewOf(change: Partial<View> = {}): View {
  const { facts, lastGood, solved } = first;
  return { slots, facts, solved, nSolved: 0, isDone: () => false, budget: lastGood!.budget, ...change };
}

describe('the board', () => {
  it('lays blocks down and kinds across, in the order of the model', () => {
    const board = makeBoard(slots);
    expect(board.rows).toEqual(['0', '1', '2']);
    expect(board.columns.map(({ title }) => title)).toEqual(['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']);
    expect(board.cells.flat()).toEqual(slots.map((_, i) => i));
    expect(board.columns.some(({ folded }) => folded)).toBe(false);
  });

  it('folds experts into one column, and opens it into one column each, ten after nine', () => {
    const many = slotsOf({ state: 'ready', inspection: inspectionOf(2, 11) });
    const board = makeBoard(many);
    const column = board.columns.find(({ title }) => title === 'up_proj')!;
    expect(board.columns).toHaveLength(7);
    expect(column).toMatchObject({ key: 'mlp.experts.*.up_proj', folded: true });
    const opened = openColumn(many, column.key);
    expect(opened.columns.map(({ title }) => title)).toEqual(Array.from({ length: 11 }, (_, i) => String(i)));
    expect(opened.cells.every((cell) => cell.length === 1 && many[cell[0]].kind === 'up_proj')).toBe(true);
    expect(groupsOf(many, board).kinds.find(({ title }) => title === 'up_proj')!.slots).toHaveLength(22);
  });

  it('tells a shared expert from the others by its path', () => {
    const shared = ['mlp.experts.0.up_proj', 'mlp.experts.1.up_proj', 'mlp.shared_expert.up_proj'].map((path) => ({
      name: `model.layers.0.${path}.weight`,
      block: 0,
      kind: 'up_proj',
      out: 4,
      in: 4,
    }));
    expect(makeBoard(shared).columns.map(({ title }) => title)).toEqual(['mlp.experts.*.up_proj', 'mlp.shared_expert.up_proj']);
  });
});

describe('what the map shows', () => {
  it('says why a measure cannot be shown', () => {
    const bare = viewOf({ facts: factsOf(slots, null, 0.5), budget: null });
    const reasons = Object.fromEntries(Object.entries(shownTable).map(([id, { missing }]) => [id, missing(bare)]));
    expect(reasons).toMatchObject({
      sensitivity: 'not measured yet',
      measured: 'nothing has been pruned yet',
      zeros: 'there is no budget yet',
    });
    expect(shown('predicted').missing(viewOf())).toBeNull();
  });

  it.each(Object.keys(shownTable) as ShownId[])('keeps every value of %s within the ends of its colours', (id) => {
    const solved = slots.map(({ name }, i) => ({ name, zeros: 1, relativeError: 0.001 * (i + 1), maskOnlyError: 1, damping: 0 }));
    const view = viewOf({ solved, nSolved: solved.length });
    const { domain } = colouring(id, view);
    const [low, high] = [...domain].sort((a, b) => a - b);
    for (const i of slots.keys()) {
      const value = cellValue(id, view, [i])!;
      expect(value >= low && value <= high, `${id} ${value} in ${low}, ${high}`).toBe(true);
    }
  });

  it('ranks the most sensitive first', () => {
    const { matrices } = sensitivityOf(inspection);
    const top = matrices.reduce((best, matrix) => (matrix.value > best.value ? matrix : best));
    const facts = factsOf(slots, { gives: 'value', unit: '', matrices }, 0.5);
    expect(facts.ranks[slots.findIndex(({ name }) => name === top.name)]).toBe(1);
    const even = matrices.map(({ name }, i) => ({ name, value: i < 3 ? 2 : 1 }));
    const { ranks } = factsOf(slots, { gives: 'value', unit: '', matrices: even }, 0.5);
    expect(
      Array.from(ranks)
        .toSorted((a, b) => a - b)
        .slice(0, 5),
    ).toEqual([1, 1, 1, 4, 4]);
  });

  it('describes a cell in a sentence, read from the view of the moment', () => {
    const looking = { shown: 'sparsity' as ShownId, view: viewOf(), busyBlock: 0 };
    const [cell] = makeCells(makeBoard(slots), looking);
    expect(cell).toMatchObject({ text: '20.0', locked: true, busy: true });
    expect(cell!.value).toBeCloseTo(20, 3);
    expect(cell!.label).toMatch(
      /^Block 0, q_proj; sparsity 20 %, 66,355 of 331,776 weights; locked by model\.layers\.0\.\*; rank \d+ of 21 by sensitivity\.$/,
    );
    looking.shown = 'zeros';
    expect(cell!.value).toBe(66_355);
  });
});

describe('deriving', () => {
  it('keeps slots, board, facts and budget while the text says the same', () => {
    const again = derive(structuredClone(state), first);
    for (const key of ['slots', 'board', 'facts', 'settled', 'reading'] as const) expect(again[key], key).toBe(first[key]);
  });

  it('keeps the last budget when the text breaks, and says that it cannot be run', () => {
    const broken = derive({ ...state, text: recipe.replace('0.5', 'lots'), version: 2 }, first);
    expect(broken.reading).toMatchObject({ stale: true });
    expect(broken.lastGood).toBe(first.lastGood);
    expect(readiness(broken)).toBe('The recipe has problems.');
    expect(readiness(first)).toBeNull();
  });

  it('shows the nearest budget where the first text it sees asks for too much', () => {
    const greedy = derive({ ...state, text: recipe.replace('0.5', '0.97') }, null);
    expect(greedy.settled).toMatchObject({ nearest: { type: 'target' } });
    expect(greedy.lastGood!.recipe.sparsity).toBeLessThan(0.97);
    expect(readiness(greedy)).toBe('The budget cannot be met.');
  });

  it('shows nothing of the old checkpoint once another is named', () => {
    const other = derive({ ...state, checkpoint: { state: 'missing', path: 'x' } }, first);
    expect(other).toMatchObject({ slots: [], settled: null, lastGood: null });
  });

  it('adds the matrices of a run to those that came before, and starts afresh with another run', () => {
    const matrix = (name: string) => ({ name, zeros: 1, relativeError: 1, maskOnlyError: 1, damping: 0 });
    const run = (startedMs: number, name: string): RunState => ({
      kind: 'prune',
      state: 'running',
      progress: null,
      startedMs,
      from: null,
      message: null,
      hint: null,
      matrices: [matrix(name)],
      sensitivities: [],
    });
    const twice = withRun(withRun(state, run(1, 'a')), run(1, 'b'));
    expect(twice.run!.matrices.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(withRun(twice, run(2, 'c')).run!.matrices.map(({ name }) => name)).toEqual(['c']);
  });
});

describe('a wish', () => {
  const total = Math.round(0.5 * inspection.prunable);

  it('keeps the total exact while something is set by hand', () => {
    const result = budgetFor(
      first.reading.recipe!,
      slots,
      { type: 'set', slots: [slots[9].name], sparsity: 0.123, respectLocks: false },
      null,
    );
    if (isFault(result)) throw new Error(result.message);
    expect(result.zeros).toBe(total);
    expect(lockedSlots(result.recipe, slots).has(slots[9].name)).toBe(true);
  });

  it('that cannot be met comes with the nearest that can', () => {
    const result = budgetFor(first.reading.recipe!, slots, { type: 'target', sparsity: 0.95 }, null);
    if (!isFault(result)) throw new Error('met');
    expect(result.message).toMatch(/cannot be zero/);
    expect(result.nearest).toMatchObject({ type: 'target' });
    expect(isFault(budgetFor(first.reading.recipe!, slots, result.nearest, null))).toBe(false);
  });
});

describe('the control', () => {
  it('is the same as a uniform budget, and unknown without curves', () => {
    const uniform = derive({ ...state, text: 'model: ./m\nsparsity: 0.5\n' }, null);
    const errors = meanErrors(slots, uniform.facts, uniform.lastGood!.budget)!;
    expect(errors.budget / errors.uniform).toBeCloseTo(1, 4);
    expect(meanErrors(slots, factsOf(slots, null, 0.5), uniform.lastGood!.budget)).toBeNull();
  });
});

describe('the actions', () => {
  const enabled = (change: object, ready: string | null = null) =>
    offersOf({ ...state, ...change }, ready)
      .filter(({ reason }) => reason === null)
      .map(({ action }) => action);

  it('follow the state', () => {
    expect(enabled({})).toEqual(['measure', 'prune']);
    expect(enabled({ outcome: { to: 'x', state: 'partial' } })).toEqual(['measure', 'resume']);
    expect(enabled({ outcome: { to: 'x', state: 'finished' } })).toEqual(['measure', 'prune', 'evaluate', 'openReport']);
    expect(enabled({ trusted: false, outcome: { to: 'x', state: 'finished' } })).toEqual(['openReport']);
    expect(enabled({}, 'The recipe has problems.')).toEqual([]);
    expect(enabled({ busy: true })).toEqual([]);
    expect(enabled({ run: { state: 'running' } })).toEqual(['stop']);
    expect(enabled({ run: { state: 'stopping' } })).toEqual([]);
  });
});

describe('the time left', () => {
  const run = (done: number, from: RunState['from']): RunState => ({
    kind: 'prune',
    state: 'running',
    progress: { step: 'prune', done, total: 30, unit: 'blocks', detail: '' },
    startedMs: 0,
    from,
    message: null,
    hint: null,
    matrices: [],
    sensitivities: [],
  });

  it('is told by the blocks of this run, not by those that were finished before it', () => {
    expect(runSentence(run(22, { done: 20, atMs: 60_000 }), 180_000)).toBe('Pruning · 73 % of this step · about 8 min left');
  });

  it('is not told before a little has been done', () => {
    expect(runSentence(run(20.2, { done: 20, atMs: 60_000 }), 180_000)).toBe('Pruning · 67 % of this step');
    expect(runSentence(run(20.2, null), 180_000)).toBe('Pruning · 67 % of this step');
  });
});

describe('announcing', () => {
  it('speaks seldom, at once where it is urgent, and never twice the same', () => {
    let now = 0;
    const announce = createAnnouncer(() => now);
    expect(announce('one', false)).toBe('one');
    now = 3000;
    expect(announce('two', false)).toBeNull();
    expect(announce('end', true)).toBe('end');
    now = 20_000;
    expect(announce('end', true)).toBeNull();
    expect(announce('three', false)).toBe('three');
  });
});
