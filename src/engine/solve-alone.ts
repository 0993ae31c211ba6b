/** The solve step for one matrix by itself, of which nothing is known but what its inputs look like. */

import { defaultSolve } from '../recipe/default-solve.ts';
import type { Recipe } from '../recipe/schema.ts';
import { neededStatistics, solvesBlocks } from './solve-work.ts';

/** The solve step itself, if one linear's statistics are all it takes; with the default method and criterion otherwise. */
export function solveAlone(solve: Recipe['solve']): Recipe['solve'] {
  const needed = neededStatistics(solve);
  if (!solvesBlocks(solve) && !needed.has('lossGradient') && !needed.has('blockGradient')) return solve;
  return { ...defaultSolve(), damping: solve.damping, ...(solve.finish && { finish: solve.finish }) };
}
