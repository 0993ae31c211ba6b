/** Every allocator, under the name a recipe calls it by. Alphabetical. */

import type { Allocator } from '../allocator.ts';
import { alphaPruning } from './alpha-pruning.ts';
import { curves } from './curves.ts';
import { mixed } from './mixed.ts';
import { mixedReleased } from './mixed-released.ts';
import { owl } from './owl.ts';
import { prior } from './prior.ts';
import { search } from './search.ts';
import { uniform } from './uniform.ts';

export const allocators = {
  'alpha-pruning': alphaPruning,
  curves,
  mixed,
  'mixed-released': mixedReleased,
  owl,
  prior,
  search,
  uniform,
} satisfies Record<string, Allocator>;
