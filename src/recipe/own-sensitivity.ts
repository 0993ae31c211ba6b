/** Keeps a budget from being fed by what another measure has found, as when the recipe's text was just changed. */

import type { Sensitivity } from '../methods/sensitivity.ts';
import type { Recipe } from './schema.ts';

/** The sensitivity, if the recipe's own measure found it. */
export function ownSensitivity({ measure }: Pick<Recipe, 'measure'>, sensitivity: Sensitivity | null): Sensitivity | null {
  return sensitivity?.method === measure.method ? sensitivity : null;
}
