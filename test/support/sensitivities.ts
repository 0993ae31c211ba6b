/** Slots with what a measure might have found of them, for tests of allocators. */

import fc from 'fast-check';
import type { AllocateInput, Slot } from '../../src/methods/allocator.ts';
import type { ErrorCurve } from '../../src/methods/error-curve.ts';
import type { MatrixSensitivity } from '../../src/methods/sensitivity.ts';
import { slotLists } from './slots.ts';

/** What an allocator is given where nothing is fixed; `values` one a slot, or a curve for each. */
export function inputOf(
  slots: readonly Slot[],
  sparsity: number,
  found: readonly (number | ErrorCurve)[] = [],
  limits: Partial<Pick<AllocateInput, 'least' | 'most'>> = {},
): AllocateInput {
  const sensitivities = found.map((one, i): MatrixSensitivity => {
    const { name } = slots[i]!;
    return typeof one === 'number' ? { name, value: one } : { name, value: one.at(-1)!.error, curve: one };
  });
  return { slots, sparsity, least: new Float64Array(slots.length), most: new Float64Array(slots.length).fill(1), sensitivities, ...limits };
}

export function sizesOf(slots: readonly Slot[]): number[] {
  return slots.map((slot) => slot.out * slot.in);
}

/** The mean of shares, weighted by parameters. */
export function meanShare(shares: ArrayLike<number>, slots: readonly Slot[]): number {
  const sizes = sizesOf(slots);
  return sizes.reduce((sum, size, i) => sum + size * shares[i]!, 0) / sizes.reduce((sum, size) => sum + size, 0);
}

/** Slots with a number for each, some of them level. */
export const valuedSlots = slotLists.chain((slots) =>
  fc.record({
    slots: fc.constant(slots),
    values: fc.array(fc.oneof(fc.constantFrom(0, 1, 2), fc.double({ min: 0, max: 1e6, noNaN: true })), {
      minLength: slots.length,
      maxLength: slots.length,
    }),
  }),
);
