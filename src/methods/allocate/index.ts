/** Every allocator, under the name a recipe calls it by. Alphabetical. */

import type { Allocator } from '../allocator.ts';
import { uniform } from './uniform.ts';

export const allocators = { uniform } satisfies Record<string, Allocator>;
