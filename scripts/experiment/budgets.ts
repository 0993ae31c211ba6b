/** Budgets drawn at random, as unlike each other as allocations of one model are. */

import type { Slot } from '../../src/methods/allocator.ts';
import { createRandom } from '../../src/tensor/random.ts';

/** Of the sparsity of the whole. */
const [least, most] = [0.4, 0.6];

/**
 * Zeros of every slot: a level drawn evenly from 40 to 60 %, around which every kind, every block and every matrix has a normal deviate of its
 * own; how large these are is drawn too, from nothing to standard deviations of 8, 6 and 4 %. No matrix has less than 2 or more than 98 %.
 *
 * @param index  of the budget; the same index draws the same budget
 */
export function randomBudget(slots: readonly Slot[], index: number): number[] {
  const random = createRandom(index);
  const level = least + (most - least) * random.uniform();
  const spread = random.uniform();
  const draw = <T>(keys: readonly T[], deviation: number) =>
    new Map([...new Set(keys)].map((key) => [key, deviation * spread * random.gaussian()]));
  const kinds = draw(
    slots.map(({ kind }) => kind),
    0.08,
  );
  const blocks = draw(
    slots.map(({ block }) => block),
    0.06,
  );
  const deviates = slots.map(({ kind, block }) => kinds.get(kind)! + blocks.get(block)! + 0.04 * spread * random.gaussian());
  const sizes = slots.map((slot) => slot.out * slot.in);
  const weights = sizes.reduce((sum, size) => sum + size, 0);
  const middle = deviates.reduce((sum, deviate, i) => sum + deviate * sizes[i], 0) / weights;
  return sizes.map((size, i) => Math.round(Math.min(0.98, Math.max(0.02, level + deviates[i] - middle)) * size));
}
