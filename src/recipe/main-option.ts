/** The number that an allocator turns on, to be moved by a hand. */

import type * as v from 'valibot';
import { allocators } from '../methods/allocate/index.ts';
import type { Allocator } from '../methods/allocator.ts';
import { descriptionOf, rangeOf } from './fields.ts';

export interface MainOption {
  readonly name: string;
  readonly limits: readonly [number, number];
  /** What it means, in a sentence. */
  readonly description: string;
}

/** The first of its options that is a number between two ends; `undefined` where there is none. */
export function mainOption(method: keyof typeof allocators): MainOption | undefined {
  const { options }: Allocator = allocators[method];
  for (const [name, entry] of Object.entries(options.entries)) {
    const limits = rangeOf(entry as v.GenericSchema);
    if (limits) return { name, limits, description: descriptionOf(entry as v.GenericSchema) };
  }
  return undefined;
}
