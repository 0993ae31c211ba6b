/** What a measure keeps on its way, so that it can be used and gone on from; and the budgets that it may start from. */

import type { Seed } from '../methods/lab.ts';
import { measures } from '../methods/measure/index.ts';
import type { Measure } from '../methods/measure.ts';
import type { Measured, Sensitivity } from '../methods/sensitivity.ts';
import { bareAllocate, bareMeasure } from '../recipe/bare-step.ts';
import { makeBudget } from '../recipe/budget.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { type ResolvedRecipe, slotsOf } from './plan.ts';
import { readJsonOrNothing, readSensitivity, sensitivityPath, statePath, writeJson, writeSensitivity } from './sensitivity-cache.ts';

export interface Notes {
  seeds(): Promise<readonly Seed[]>;
  keep(measured: readonly Measured[], state: unknown): void;
  kept(): unknown;
}

export interface NotesPlace {
  readonly cacheFolder: string;
  /** Of the sensitivity when it is finished; until then, that of what is found so far. */
  readonly path: string;
}

/**
 * @param place     nothing is kept, and no earlier measure is looked for, unless given
 * @param describe  makes a sensitivity of what is found so far
 */
export async function openNotes(
  resolved: ResolvedRecipe,
  source: Checkpoint,
  place: NotesPlace | undefined,
  describe: (measured: readonly Measured[]) => Sensitivity,
  { log }: Pick<Context, 'log'>,
): Promise<Notes> {
  const seeds = () => makeSeeds(resolved, source, place?.cacheFolder);
  if (!place) return { seeds, keep: () => {}, kept: () => undefined };
  const state = await statePath(place.cacheFolder, resolved, source);
  let isWarned = false;
  return {
    seeds,
    keep(measured, value) {
      try {
        writeSensitivity(place.path, { ...describe(measured), unfinished: true });
        writeJson(state, value);
      } catch (error) {
        if (!isWarned) log(`What is found on the way could not be kept: ${(error as Error).message}`);
        isWarned = true;
      }
    },
    kept: () => readJsonOrNothing(state),
  };
}

/** Uniform, the prior, and what curves make of each measure of losses that has been done with its defaults on the same text. */
async function makeSeeds(resolved: ResolvedRecipe, source: Checkpoint, cacheFolder: string | undefined): Promise<Seed[]> {
  const { pattern: _pattern, ...recipe } = resolved.recipe;
  const slots = slotsOf(source);
  const zerosOf = (method: 'uniform' | 'prior' | 'curves', sensitivity: Sensitivity | null = null) => {
    return makeBudget({ ...recipe, allocate: bareAllocate(method) }, slots, {}, sensitivity).map(({ zeros }) => zeros);
  };
  const free: Seed[] = [
    { name: 'uniform', zeros: zerosOf('uniform') },
    { name: 'prior', zeros: zerosOf('prior') },
  ];
  if (cacheFolder === undefined) return free;
  const losses = Object.entries<Measure>(measures).flatMap(([method, { gives }]) => (gives === 'loss' ? [method] : []));
  const measured = losses.map(async (method) => {
    const path = await sensitivityPath(cacheFolder, { ...resolved, recipe: { ...recipe, measure: bareMeasure(method) } }, source);
    const known = readSensitivity(path, { method, names: slots.map(({ name }) => name) });
    return known ? [{ name: `curves of ${method}`, zeros: zerosOf('curves', known) }] : [];
  });
  return [...free, ...(await Promise.all(measured)).flat()];
}
