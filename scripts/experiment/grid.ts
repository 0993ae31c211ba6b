/** Which cells the MixGPT experiment has, in the order they are worth their time. */

import picomatch from 'picomatch';
import { allocators } from '../../src/methods/allocate/index.ts';
import type { Allocator } from '../../src/methods/allocator.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';

/** A share of zeros, or n weights kept of every m. */
export type Level = number | `${number}:${number}`;

export interface Cell {
  /** `curves-scan/obs/least-squares/60/seed-0`: every part of it, for globs. */
  readonly id: string;
  /** How the zeros are shared out: the allocator and what feeds it. */
  readonly allocation: string;
  /** `obs`, `isc` or `wanda`: what chooses the weights; the first two in the sweep, the last as a mask. */
  readonly solver: string;
  readonly finish: string;
  readonly level: Level;
  readonly seed: number;
}

/** Where a cell's recipe finds what it needs, as paths of the recipe. */
export interface Places {
  readonly model: string;
  readonly calibration: string;
  readonly to: string;
}

export interface Drawn {
  readonly samples: number;
  /** Absent where the calibration is a file of token ids, which brings its own. */
  readonly length?: number;
}

type Step = Readonly<Record<string, unknown>>;

interface Allocation {
  readonly allocate: Step;
  readonly measure?: Step;
  /** Variants of one number, and what searches anew for every cell, are tried with one solver and finish only. */
  readonly isVariant?: boolean;
}

/** Uniform first: what all others are held against. */
export const allocations: Readonly<Record<string, Allocation>> = {
  uniform: { allocate: { method: 'uniform' } },
  'mixed-hessian-trace': { allocate: { method: 'mixed' }, measure: { method: 'hessian-trace' } },
  'curves-scan': { allocate: { method: 'curves' }, measure: { method: 'scan' } },
  'curves-fisher-error': { allocate: { method: 'curves' }, measure: { method: 'fisher-error' } },
  'curves-trace-error': { allocate: { method: 'curves' }, measure: { method: 'trace-error' } },
  'mixed-fisher': { allocate: { method: 'mixed' }, measure: { method: 'fisher' } },
  prior: { allocate: { method: 'prior' } },
  owl: { allocate: { method: 'owl' }, measure: { method: 'owl' } },
  'alpha-pruning': { allocate: { method: 'alpha-pruning' }, measure: { method: 'alpha' } },
  search: { allocate: { method: 'search' }, isVariant: true },
  'mixed-scan': { allocate: { method: 'mixed' }, measure: { method: 'scan' }, isVariant: true },
  'mixed-fisher-spread-0.05': { allocate: { method: 'mixed', spread: 0.05 }, measure: { method: 'fisher' }, isVariant: true },
  'mixed-fisher-spread-0.2': { allocate: { method: 'mixed', spread: 0.2 }, measure: { method: 'fisher' }, isVariant: true },
  'mixed-released': { allocate: { method: 'mixed-released' }, measure: { method: 'hessian-trace' }, isVariant: true },
};

export const solvers: Readonly<Record<string, Step>> = {
  obs: { method: 'obs', score: { method: 'obs' } },
  isc: { method: 'obs', score: { method: 'isc' } },
  wanda: { method: 'mask', score: { method: 'wanda' } },
};

export const finishes = ['least-squares', 'none'];
export const levels: readonly Level[] = [0.6, 0.7, 0.5, 0.8, '2:4'];

const coreAllocations = ['uniform', 'mixed-hessian-trace', 'curves-scan'];
const coreLevels: readonly Level[] = [0.5, 0.6, 0.7];

/**
 * Every cell, core first: the core with the first seed, all allocations with the sweep and least squares, the core with the other seeds,
 * and the rest. A pattern leaves an allocator no choice, so that only uniform is there with one.
 */
export function cellsOf(seeds: readonly number[]): Cell[] {
  const all: Cell[] = [];
  for (const seed of seeds)
    for (const finish of finishes)
      for (const solver of Object.keys(solvers))
        for (const level of levels)
          for (const [allocation, { isVariant }] of Object.entries(allocations)) {
            if (typeof level === 'string' && allocation !== 'uniform') continue;
            if (isVariant && (solver !== 'obs' || finish !== 'least-squares')) continue;
            const id = [allocation, solver, finish, levelName(level), `seed-${seed}`].join('/');
            all.push({ id, allocation, solver, finish, level, seed });
          }
  return all.toSorted((a, b) => tierOf(a, seeds[0]) - tierOf(b, seeds[0]));
}

function tierOf({ allocation, solver, finish, level, seed }: Cell, firstSeed: number): number {
  const isCore = coreAllocations.includes(allocation) && coreLevels.includes(level);
  if (isCore) return seed === firstSeed ? 0 : 2;
  if (seed !== firstSeed) return 4;
  return solver === 'obs' && finish === 'least-squares' && coreLevels.includes(level) ? 1 : 3;
}

/** `60`, `2of4`: what an id can hold. */
function levelName(level: Level): string {
  return typeof level === 'string' ? level.replace(':', 'of') : String(Math.round(100 * level));
}

/** The cell of an id, whether or not the grid still has it. */
export function cellOf(id: string): Cell {
  const [allocation, solver, finish, level, seed] = id.split('/');
  const [, n, m] = /^(\d+)of(\d+)$/.exec(level) ?? [];
  return {
    id,
    allocation,
    solver,
    finish,
    level: n === undefined ? Number(level) / 100 : `${Number(n)}:${Number(m)}`,
    seed: Number(seed.slice(5)),
  };
}

/** `60 %`, `2:4`. */
export function showLevel(level: Level): string {
  return typeof level === 'string' ? level : `${Math.round(100 * level)} %`;
}

/** @param globs  a cell is chosen when one of them matches its id; all are where there is none */
export function choose(cells: readonly Cell[], globs: readonly string[]): Cell[] {
  if (globs.length === 0) return [...cells];
  const matches = picomatch([...globs]);
  return cells.filter(({ id }) => matches(id));
}

/** The text of a cell's recipe: JSON values stand in YAML as they are. */
export function recipeText({ allocation, solver, finish, level, seed }: Cell, places: Places, drawn: Drawn): string {
  const { allocate, measure } = allocations[allocation];
  return yaml({
    model: places.model,
    ...(typeof level === 'string' ? { pattern: level } : { sparsity: level }),
    calibrate: { text: places.calibration, ...drawn, seed },
    ...(measure && { measure }),
    allocate,
    solve: { ...solvers[solver], ...(finish !== 'none' && { finish: { method: finish } }) },
    save: { to: places.to, overwrite: true },
  });
}

export function yaml(steps: Readonly<Record<string, unknown>>): string {
  return `${Object.entries(steps)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join('\n')}\n`;
}

/** What feeds an allocation; `undefined` where nothing does. */
export function measureOf(allocation: string): string | undefined {
  const { allocate, measure } = allocations[allocation];
  const allocator = Object.entries<Allocator>(allocators).find(([name]) => name === allocate.method)?.[1];
  return (measure?.method as string | undefined) ?? allocator?.feed?.measure;
}

/** Why this build has no such cell, in a sentence; `null` where it can be run. */
export function whyNotAvailable(cell: Cell): string | null {
  const { recipe, problems } = parseRecipe(recipeText(cell, { model: './model', calibration: './text.txt', to: './out' }, { samples: 1 }));
  return recipe ? null : problems[0].message;
}
