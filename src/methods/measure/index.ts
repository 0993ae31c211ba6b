/** Every measure, under the name a recipe calls it by. Alphabetical. */

import type { Measure } from '../measure.ts';
import { alpha } from './alpha.ts';
import { errorCurve } from './error-curve.ts';
import { fisher } from './fisher.ts';
import { fisherError } from './fisher-error.ts';
import { gradientNorm } from './gradient-norm.ts';
import { hessianTrace } from './hessian-trace.ts';
import { owl } from './owl.ts';
import { prior } from './prior.ts';
import { scan } from './scan.ts';
import { search } from './search.ts';
import { traceError } from './trace-error.ts';

export const measures = {
  alpha,
  'error-curve': errorCurve,
  fisher,
  'fisher-error': fisherError,
  'gradient-norm': gradientNorm,
  'hessian-trace': hessianTrace,
  owl,
  prior,
  scan,
  search,
  'trace-error': traceError,
} satisfies Record<string, Measure>;
