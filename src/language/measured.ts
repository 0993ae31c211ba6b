/** Reads what was measured of a recipe's checkpoint before, from where the engine keeps it. */

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Checkpoint } from '../engine/checkpoint.ts';
import { readSensitivity, sensitivityPath } from '../engine/sensitivity-cache.ts';
import { SecateurError } from '../error.ts';
import type { Sensitivity } from '../methods/sensitivity.ts';
import type { Recipe } from '../recipe/schema.ts';

/** Where it may be. */
export interface Shelf {
  readonly cacheFolder: string;
  /** Of the recipe, absolute: its paths are relative to it. */
  readonly folder: string;
}

export type FindMeasured = (recipe: Recipe, source: Checkpoint, shelf: Shelf) => Promise<Sensitivity | null>;

/** Keeps the file that it read last, until that changes. */
export function createMeasured(): FindMeasured {
  let last: { readonly key: string; readonly sensitivity: Sensitivity | null } | undefined;
  return async (recipe, source, { cacheFolder, folder }) => {
    const calibrationText = [recipe.calibrate.text].flat().map((text) => (text === 'default' ? text : resolve(folder, text)));
    const path = await sensitivityPath(cacheFolder, { recipe, calibrationText }, source).catch((error) => {
      // A text that is not there is told of elsewhere.
      if (error instanceof SecateurError) return undefined;
      throw error;
    });
    const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    if (path === undefined || !stats) return null;
    const key = `${path}:${stats.mtimeMs}:${stats.size}`;
    if (last?.key !== key) {
      const wanted = { method: recipe.measure.method, names: source.linears.map(({ tensor }) => tensor) };
      last = { key, sensitivity: readSensitivity(path, wanted) ?? null };
    }
    return last.sensitivity;
  };
}
