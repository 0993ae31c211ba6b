/** Every criterion, under the name a recipe calls it by. Alphabetical. */

import type { Criterion } from '../criterion.ts';
import { gblm } from './gblm.ts';
import { isc } from './isc.ts';
import { iscReleased } from './isc-released.ts';
import { magnitude } from './magnitude.ts';
import { obs } from './obs.ts';
import { ria } from './ria.ts';
import { wanda } from './wanda.ts';
import { wandaPlusPlus } from './wanda++.ts';

export const criteria = {
  gblm,
  isc,
  'isc-released': iscReleased,
  magnitude,
  obs,
  ria,
  wanda,
  'wanda++': wandaPlusPlus,
} satisfies Record<string, Criterion>;
