/** The steps of a recipe that name a method and nothing else. */

import * as v from 'valibot';
import type { Recipe } from './schema.ts';
import { steps } from './steps.ts';

export function bareMeasure(method: string): Recipe['measure'] {
  return v.parse(steps.measure, { method }) as Recipe['measure'];
}

export function bareAllocate(method: Recipe['allocate']['method']): Recipe['allocate'] {
  return v.parse(steps.allocate, { method }) as Recipe['allocate'];
}
