/** What a solver with its finish is called for a person. */

import type { Recipe } from './schema.ts';

/** `obs + least-squares`. */
export function solveName({ method, finish }: Recipe['solve']): string {
  return finish ? `${method} + ${finish.method}` : method;
}
