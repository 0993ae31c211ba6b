/** What the heat map can show of a slot, one entry a choice. */

import { type Slot, sizeOf } from '../../src/methods/allocator.ts';
import type { SolvedMatrix } from '../../src/protocol/engine.ts';
import { formatRough } from '../../src/protocol/quantity.ts';
import type { BudgetEntry } from '../../src/recipe/budget.ts';
import type { HeatScale } from '../kit/heat-data.ts';
import { predictedError, type SlotFacts } from './facts.ts';

/** Everything a choice may look at. */
export interface View {
  readonly slots: readonly Slot[];
  readonly facts: SlotFacts;
  readonly budget: readonly BudgetEntry[] | null;
  readonly solved: readonly (SolvedMatrix | undefined)[];
  readonly nSolved: number;
  /** Whether the run that is under way has been through with a slot. */
  isDone(slot: number): boolean;
}

interface Shown {
  readonly title: string;
  readonly unit: '' | '%';
  readonly scale: HeatScale;
  /** Why it cannot be shown now; `null` if it can. */
  missing(view: View): string | null;
  /** In the unit; `null` where it is not known. */
  figureOf(view: View, slot: number): number | null;
  /** How the values of slots that share a cell become one. */
  readonly together: 'mean' | 'sum';
  text(value: number): string;
  /** The ends of the colours; those of the values themselves unless given. */
  domain?(view: View): readonly [number, number];
}

const notMeasured = ({ facts }: View) => (facts.nMeasured === 0 ? 'not measured yet' : null);
const noBudget = ({ budget }: View) => (budget ? null : 'there is no budget yet');

export const shownTable = {
  sparsity: {
    title: 'Sparsity',
    unit: '%',
    scale: 'linear',
    missing: noBudget,
    figureOf: ({ slots, budget }, i) => (budget ? (100 * budget[i].zeros) / sizeOf(slots[i]) : null),
    together: 'mean',
    text: (value) => value.toFixed(1),
    domain: () => [0, 100],
  },
  sensitivity: {
    title: 'Sensitivity',
    unit: '',
    scale: 'log',
    missing: notMeasured,
    figureOf: ({ facts }, i) => facts.sensitivities[i]?.value ?? null,
    together: 'mean',
    text: shortFigure,
  },
  rank: {
    title: 'Sensitivity, rank',
    unit: '',
    scale: 'linear',
    missing: notMeasured,
    figureOf: ({ facts }, i) => facts.ranks[i] || null,
    together: 'mean',
    text: (value) => String(Math.round(value)),
    domain: ({ facts }) => [Math.max(2, facts.nMeasured), 1],
  },
  predicted: {
    title: 'Predicted error',
    unit: '',
    scale: 'log',
    missing: (view) =>
      notMeasured(view) ?? noBudget(view) ?? (view.facts.curves.errors.length > 0 ? null : 'this measure predicts no error'),
    figureOf: ({ slots, facts, budget }, i) => (budget ? predictedError(facts, i, budget[i].zeros / sizeOf(slots[i])) : null),
    together: 'mean',
    text: shortFigure,
  },
  measured: {
    title: 'Measured error',
    unit: '',
    scale: 'log',
    missing: ({ nSolved }) => (nSolved === 0 ? 'nothing has been pruned yet' : null),
    figureOf: ({ solved }, i) => solved[i]?.relativeError ?? null,
    together: 'mean',
    text: shortFigure,
  },
  zeros: {
    title: 'Zeros',
    unit: '',
    scale: 'linear',
    missing: noBudget,
    figureOf: ({ budget }, i) => budget?.[i].zeros ?? null,
    together: 'sum',
    text: formatRough,
    domain: ({ slots }) => [0, slots.reduce((most, slot) => Math.max(most, sizeOf(slot)), 1)],
  },
} as const satisfies Record<string, Shown>;

export type ShownId = keyof typeof shownTable;

export function shown(id: ShownId): Shown {
  return shownTable[id];
}

/** A measure whose curves are losses predicts these, not errors of outputs. */
export function titleOf(id: ShownId, { facts }: View): string {
  return id === 'predicted' && facts.gives === 'loss' ? 'Predicted loss' : shown(id).title;
}

/** Of what is found of a matrix, the measure's own. */
export function unitOf(id: ShownId, { facts }: View): string {
  return id === 'sensitivity' || id === 'predicted' ? facts.unit : shown(id).unit;
}

export function isShownId(id: unknown): id is ShownId {
  return typeof id === 'string' && Object.hasOwn(shownTable, id);
}

/** The value of a cell that stands for several slots: their sum, or their mean over those that are known. */
export function cellValue(id: ShownId, view: View, slots: readonly number[]): number | null {
  const { figureOf, together } = shown(id);
  let [sum, known] = [0, 0];
  for (const i of slots) {
    const value = figureOf(view, i);
    if (value === null) continue;
    sum += value;
    known++;
  }
  if (known === 0) return null;
  return together === 'sum' ? sum : sum / known;
}

/** Ends of the colours and the scale: a logarithm only where all values are above 0 and far apart. */
export function colouring(id: ShownId, view: View): { readonly domain: readonly [number, number]; readonly scale: HeatScale } {
  const { domain, scale, figureOf } = shown(id);
  if (domain) return { domain: domain(view), scale };
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < view.slots.length; i++) {
    const value = figureOf(view, i);
    if (value === null || (scale === 'log' && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { domain: [0, 1], scale: 'linear' };
  if (scale === 'linear' || high / low < 4) return { domain: low < high ? [low, high] : [0, high || 1], scale: 'linear' };
  // Rounded outwards, so that a drag does not move the colours of everything at each step.
  return { domain: [roundDown(low), -roundDown(-high)], scale };
}

/** To one digit that counts, towards minus infinity. */
function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.abs(value)));
  return Number((Math.floor(value / power) * power).toPrecision(1));
}

/** Two digits that count, for cells. */
function shortFigure(value: number): string {
  const size = Math.abs(value);
  return size === 0 || (size >= 1e-3 && size < 1000) ? String(Number(value.toPrecision(2))) : value.toExponential(1).replace('e+', 'e');
}
