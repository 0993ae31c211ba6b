import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { mixed } from '../../../src/methods/allocate/mixed.ts';
import { prior } from '../../../src/methods/allocate/prior.ts';
import { prior as measure } from '../../../src/methods/measure/prior.ts';
import { inputOf, meanShare } from '../../support/sensitivities.ts';
import { makeSlots } from '../../support/slots.ts';

const slots = makeSlots(8, { shapeOf: (i) => [20 + (i % 4) * 10, 30] });
const defaults = v.parse(prior.options, {});

describe('prior', () => {
  test('gives down less than q and k, and the first three blocks and the last less than the others', () => {
    const shares = prior.allocate(inputOf(slots, 0.6), defaults);
    const [q, k, gate, down] = shares.slice(16, 20);
    expect([down, gate, q, k]).toEqual([down, gate, q, k].toSorted());
    const isProtected = (i: number) => slots[i]!.block < 3 || slots[i]!.block === 7;
    const [spared, others] = [true, false].map((wanted) => shares.filter((_, i) => isProtected(i) === wanted));
    expect(Math.max(...spared!)).toBeLessThan(Math.min(...others!));
    expect(meanShare(shares, slots)).toBeCloseTo(0.6, 12);
  });

  test('is what mixed makes of the measure of its name', async () => {
    const values = await Promise.all(
      slots.map(async (slot) => {
        const linear = { slot, weight: { rows: 0, cols: 0, data: new Float32Array() }, stats: {}, damping: 0, algebra: undefined as never };
        const [found] = await measure.measureBlock({ block: slot.block, nBlocks: 8, linears: [linear] }, {});
        return found && 'value' in found ? found.value : Number.NaN;
      }),
    );
    expect(mixed.allocate(inputOf(slots, 0.6, values), { spread: 0.1, level: 'matrix' })).toEqual(
      prior.allocate(inputOf(slots, 0.6), defaults),
    );
  });
});
