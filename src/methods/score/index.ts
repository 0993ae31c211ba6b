/** Every criterion, under the name a recipe calls it by. Alphabetical. */

import type { Criterion } from '../criterion.ts';
import { magnitude } from './magnitude.ts';
import { obs } from './obs.ts';
import { ria } from './ria.ts';
import { wanda } from './wanda.ts';

export const criteria = { magnitude, obs, ria, wanda } satisfies Record<string, Criterion>;
