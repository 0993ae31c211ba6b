/** Every measure, under the name a recipe calls it by. Alphabetical. */

import type { Measure } from '../measure.ts';
import { errorCurve } from './error-curve.ts';

export const measures = { 'error-curve': errorCurve } satisfies Record<string, Measure>;
