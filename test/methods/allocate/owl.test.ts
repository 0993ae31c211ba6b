import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { owl } from '../../../src/methods/allocate/owl.ts';
import { inputOf, meanShare, valuedSlots } from '../../support/sensitivities.ts';
import { makeSlots } from '../../support/slots.ts';

const defaults = v.parse(owl.options, {});

describe('owl', () => {
  test('follows the published rule where all blocks are of one size', () => {
    const slots = makeSlots(4);
    const outliers = [7, 1, 3, 2];
    const shares = owl.allocate(
      inputOf(
        slots,
        0.7,
        slots.map(({ block }) => outliers[block]!),
      ),
      defaults,
    );
    const scaled = outliers.map((value) => ((value - 1) / (7 - 1)) * 2 * 0.08);
    const mean = scaled.reduce((sum, value) => sum + value, 0) / 4;
    for (const [i, { block }] of slots.entries()) expect(1 - shares[i]!).toBeCloseTo(scaled[block]! - mean + 0.3, 12);
  });

  test('is uniform where all blocks are alike', () => {
    const slots = makeSlots(5);
    expect(
      owl.allocate(
        inputOf(
          slots,
          0.62,
          slots.map(() => 3.2),
        ),
        defaults,
      ),
    ).toEqual(new Float64Array(slots.length).fill(0.62));
  });

  test('has the mean asked for, a range of twice λ, and less sparsity where there are more outliers', () => {
    fc.assert(
      fc.property(valuedSlots, fc.double({ min: 0, max: 0.99, noNaN: true }), ({ slots, values }, sparsity) => {
        const shares = owl.allocate(inputOf(slots, sparsity, values), defaults);
        expect(meanShare(shares, slots)).toBeCloseTo(sparsity, 12);
        const isLevel = values.every((value) => value === values[0]);
        expect(Math.max(...shares) - Math.min(...shares)).toBeCloseTo(isLevel ? 0 : 0.16, 12);
        expect(shares[values.indexOf(Math.max(...values))]).toBe(Math.min(...shares));
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});
