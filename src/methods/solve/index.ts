/** Every solver, under the name a recipe calls it by. Alphabetical. */

import type { Solver } from '../solver.ts';
import { leastSquares } from './least-squares.ts';
import { mask } from './mask.ts';
import { obs } from './obs.ts';
import { regional } from './regional.ts';

export const solvers = { 'least-squares': leastSquares, mask, obs, regional } satisfies Record<string, Solver>;
