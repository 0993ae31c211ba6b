/** The finished cells, put together by what they have in common, and what they say against each other. */

import { type Cell, cellOf, finishes, type Level, solvers } from './grid.ts';
import type { CellRecord } from './records.ts';
import { type Estimate, mean, paired } from './statistics.ts';

export interface Done extends Cell {
  readonly record: CellRecord;
}

/** Cells that differ in nothing but who shares out the zeros, and in the seed. */
export interface Group {
  readonly solver: string;
  readonly finish: string;
  readonly level: Level;
  readonly cells: readonly Done[];
}

/** @throws  where two cells of a level differ in their zeros: their perplexities cannot be compared */
export function groupsOf(records: ReadonlyMap<string, CellRecord>): Group[] {
  const all = [...records.values()].map((record): Done => ({ ...cellOf(record.id), record }));
  for (const cell of all) {
    const other = all.find(({ level, record }) => level === cell.level && record.zeros !== cell.record.zeros);
    if (other && typeof cell.level === 'number')
      throw new Error(`${cell.id} has ${cell.record.zeros} zeros, ${other.id} has ${other.record.zeros}`);
  }
  const groups = new Map<string, Done[]>();
  for (const cell of all) {
    const key = JSON.stringify([cell.solver, cell.finish, cell.level]);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].map((cells) => {
    const { solver, finish, level } = cells[0];
    return { solver, finish, level, cells };
  });
}

/** The cells of one allocation, by seed. */
export function seedsOf({ cells }: Group, allocation: string): Map<number, Done> {
  return new Map(cells.filter((cell) => cell.allocation === allocation).map((cell) => [cell.seed, cell]));
}

/** exp of the mean over seeds of nats per token, and the perplexity of each seed. */
export function perplexityOf(group: Group, allocation: string): { readonly perplexity: number; readonly seeds: number[] } | null {
  const records = [...seedsOf(group, allocation).values()].map(({ record }) => record);
  if (records.length === 0) return null;
  return { perplexity: Math.exp(mean(records.map(({ nll }) => nll))), seeds: records.map(({ perplexity }) => perplexity) };
}

export interface Difference extends Estimate {
  /** The mean of each seed that both were run with. */
  readonly seeds: readonly number[];
}

/** `allocation` minus `base` in nats per token, over windows and the seeds that both have; `null` where there is none. */
export function differenceTo(group: Group, allocation: string, base: string): Difference | null {
  const bases = seedsOf(group, base);
  const differences = [...seedsOf(group, allocation)].flatMap(([seed, { record }]) => {
    const other = bases.get(seed);
    return other ? [record.windowNll.map((nll, w) => nll - other.record.windowNll[w])] : [];
  });
  return differences.length === 0 ? null : { ...paired(differences), seeds: differences.map(mean) };
}

export type Verdict = 'below' | 'above' | 'unclear';

/** Below or above where the difference is more than two standard errors. */
export function verdictOf({ mean: centre, standardError }: Estimate): Verdict {
  if (Math.abs(centre) <= 2 * standardError) return 'unclear';
  return centre < 0 ? 'below' : 'above';
}

/** Shares of zeros ascending, patterns after them. */
export function sortLevels(levels: Iterable<Level>): Level[] {
  return [...new Set(levels)].toSorted((a, b) => Number(typeof a === 'string') - Number(typeof b === 'string') || (a < b ? -1 : 1));
}

export function isShare(level: Level): level is number {
  return typeof level === 'number';
}

/** Solvers and finishes of which there are cells, in the order of the grid. */
export function settingsOf(groups: readonly Group[]): [solver: string, finish: string][] {
  return Object.keys(solvers).flatMap((solver) =>
    finishes
      .filter((finish) => groups.some((group) => group.solver === solver && group.finish === finish))
      .map((finish): [string, string] => [solver, finish]),
  );
}

/** The groups of a solver and a finish by rising level. */
export function membersOf(groups: readonly Group[], solver: string, finish: string): Group[] {
  const members = groups.filter((group) => group.solver === solver && group.finish === finish);
  return sortLevels(members.map(({ level }) => level)).map((level) => members.find((group) => group.level === level)!);
}
