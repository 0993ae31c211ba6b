import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { alphaPruning } from '../../../src/methods/allocate/alpha-pruning.ts';
import { inputOf, meanShare, valuedSlots } from '../../support/sensitivities.ts';
import { makeSlots } from '../../support/slots.ts';

const defaults = v.parse(alphaPruning.options, {});
/** As the measure gives them. */
const heaviness = (exponents: readonly number[]) => exponents.map((value) => 1 / (value - 1));

describe('alpha-pruning', () => {
  test('follows the published rule: the mean exponent of a block, mapped to a range, and scaled to the total', () => {
    const slots = makeSlots(3, { kinds: ['a', 'b'], shapeOf: (i) => [10 + 10 * (i >> 1), 10] });
    const shares = alphaPruning.allocate(inputOf(slots, 0.6, heaviness([2, 4, 3, 5, 6, 8])), defaults);
    const factors = [0.7, 0.7 + 0.6 / 4, 1.3];
    const weights = [200, 400, 600];
    const mean = factors.reduce((sum, factor, block) => sum + factor * weights[block]!, 0) / 1200;
    for (const [i, { block }] of slots.entries()) expect(shares[i]).toBeCloseTo((0.6 * factors[block]!) / mean, 12);
  });

  test('is uniform where all exponents are one, and where no matrix has a tail', () => {
    const slots = makeSlots(3);
    for (const value of [0.7, 1e-12, 0])
      for (const share of alphaPruning.allocate(
        inputOf(
          slots,
          0.4,
          slots.map(() => value),
        ),
        defaults,
      ))
        expect(share).toBeCloseTo(0.4, 12);
  });

  test('counts a matrix without a tail as the one with the lightest', () => {
    const slots = makeSlots(2, { kinds: ['a'] });
    const three = makeSlots(3, { kinds: ['a'] });
    const [heavy, light] = alphaPruning.allocate(inputOf(slots, 0.5, [2, 0.5]), defaults);
    const [, found, none] = alphaPruning.allocate(inputOf(three, 0.5, [2, 0.5, 0]), defaults);
    expect(heavy).toBeLessThan(light!);
    expect(none).toBe(found);
  });

  test('has the mean asked for, and less sparsity where tails are heavier', () => {
    fc.assert(
      fc.property(valuedSlots, fc.double({ min: 0.01, max: 0.99, noNaN: true }), ({ slots, values }, sparsity) => {
        const perBlock = slots.map(({ block }) => values[block % values.length]!);
        const shares = alphaPruning.allocate(inputOf(slots, sparsity, perBlock), defaults);
        expect(meanShare(shares, slots)).toBeCloseTo(sparsity, 12);
        expect(shares[perBlock.indexOf(Math.max(...perBlock))]).toBe(Math.min(...shares));
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});
