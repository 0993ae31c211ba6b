import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { curves } from '../../../src/methods/allocate/curves.ts';
import type { AllocateInput } from '../../../src/methods/allocator.ts';
import { type ErrorCurve, errorAt } from '../../../src/methods/error-curve.ts';
import { inputOf, meanShare, sizesOf } from '../../support/sensitivities.ts';
import { makeSlots } from '../../support/slots.ts';

const grid = Array.from({ length: 19 }, (_, k) => (k + 1) / 20);
const powerCurve = (scale: number, power: number): ErrorCurve => grid.map((sparsity) => ({ sparsity, error: scale * sparsity ** power }));
const allocate = (input: AllocateInput) => curves.allocate(input, {});

function lossOf({ sensitivities }: AllocateInput, shares: ArrayLike<number>): number {
  return sensitivities.reduce((sum, { curve }, i) => sum + errorAt(curve!, shares[i]!), 0);
}

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Any rising curve, from flat to steep, convex or not; each with a slot of its own size. */
const risingCurve = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 12 })
  .chain((percent) =>
    fc.tuple(
      fc.constant(percent.toSorted((a, b) => a - b)),
      fc.array(between(0, 1), { minLength: percent.length, maxLength: percent.length }),
    ),
  )
  .map(([percent, steps]): ErrorCurve => {
    let error = 0;
    return percent.map((at, k) => {
      error += steps[k]! ** 4;
      return { sparsity: at / 100, error };
    });
  });
const convexCurve = fc.tuple(between(0.01, 100), between(1, 6)).map(([scale, power]) => powerCurve(scale, power));

/** @param highest  no slot may have more */
function inputs(curve: fc.Arbitrary<ErrorCurve>, highest: number): fc.Arbitrary<AllocateInput> {
  const slot = fc.record({
    curve,
    out: fc.integer({ min: 1, max: 300 }),
    least: between(0, highest),
    most: between(0, highest),
    kind: fc.constantFrom('free', 'free', 'limited', 'fixed'),
  });
  return fc.tuple(fc.array(slot, { minLength: 1, maxLength: 12 }), between(0, 1)).map(([drawn, position]) => {
    const slots = drawn.map(({ out }, i) => ({ name: `w${i}`, block: 0, kind: 'k', out, in: 7 }));
    const least = Float64Array.from(drawn, ({ kind, least, most }) => (kind === 'free' ? 0 : Math.min(least, most)));
    const most = Float64Array.from(drawn, ({ kind, least, most }) =>
      kind === 'free' ? highest : kind === 'fixed' ? Math.min(least, most) : Math.max(least, most),
    );
    const [low, high] = [meanShare(least, slots), meanShare(most, slots)];
    return inputOf(
      slots,
      low + position * (high - low),
      drawn.map((one) => one.curve),
      { least, most },
    );
  });
}

/** The loss of one more zero, and of one fewer, at a sparsity of a convex curve. */
function pricesAt(curve: ErrorCurve, sparsity: number, size: number): { up: number; down: number } {
  const step = 1e-7;
  const at = errorAt(curve, sparsity);
  return {
    up: (errorAt(curve, sparsity + step) - at) / step / size,
    down: (at - errorAt(curve, Math.max(sparsity - step, 0))) / step / size,
  };
}

/** The highest convex function below a curve up to its last point: the lowest of all straight lines between two of its points. */
function envelopeOf(curve: ErrorCurve): (sparsity: number) => number {
  const points = [{ sparsity: 0, error: 0 }, ...curve];
  return (sparsity) => {
    let least = Number.POSITIVE_INFINITY;
    for (const a of points)
      for (const b of points)
        if (a.sparsity <= sparsity && b.sparsity >= sparsity) {
          const t = b.sparsity === a.sparsity ? 0 : (sparsity - a.sparsity) / (b.sparsity - a.sparsity);
          least = Math.min(least, (1 - t) * a.error + t * b.error);
        }
    return least;
  };
}

describe('curves', () => {
  test('meets the total and the limits', () => {
    fc.assert(
      fc.property(inputs(risingCurve, 1), (input) => {
        const shares = allocate(input);
        expect(Math.abs(meanShare(shares, input.slots) - input.sparsity)).toBeLessThan(1e-12);
        for (const [i, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(input.least[i]! - 1e-12);
          expect(share).toBeLessThanOrEqual(input.most[i]! + 1e-12);
        }
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('pays one price everywhere, but for what is at a limit', () => {
    fc.assert(
      fc.property(inputs(convexCurve, 0.95), (input) => {
        const shares = allocate(input);
        const prices = sizesOf(input.slots).map((size, i) => pricesAt(input.sensitivities[i]!.curve!, shares[i]!, size));
        const canRise = (i: number) => shares[i]! < input.most[i]! - 1e-6;
        const canFall = (i: number) => shares[i]! > input.least[i]! + 1e-6;
        const cheapest = Math.min(...prices.map(({ up }, i) => (canRise(i) ? up : Number.POSITIVE_INFINITY)));
        const dearest = Math.max(...prices.map(({ down }, i) => (canFall(i) ? down : Number.NEGATIVE_INFINITY)));
        if (Number.isFinite(cheapest) && Number.isFinite(dearest)) expect(cheapest).toBeGreaterThanOrEqual(dearest * (1 - 1e-4) - 1e-9);
      }),
      { numRuns: 300, seed: 8 },
    );
  });

  test('finds what trying everything finds, where a step is a whole piece of every curve', () => {
    fc.assert(
      fc.property(fc.array(convexCurve, { minLength: 3, maxLength: 3 }), fc.integer({ min: 0, max: 57 }), (three, steps) => {
        const slots = makeSlots(1, { kinds: ['a', 'b', 'c'] });
        const input = inputOf(slots, steps / 60, three);
        const loss = lossOf(input, allocate(input));
        let best = Number.POSITIVE_INFINITY;
        for (let a = 0; a <= 19; a++)
          for (let b = Math.max(0, steps - a - 19); b <= Math.min(19, steps - a); b++)
            best = Math.min(best, lossOf(input, [a / 20, b / 20, (steps - a - b) / 20]));
        expect(Math.abs(loss - best)).toBeLessThanOrEqual(1e-9 * best + 1e-12);
      }),
      { numRuns: 60, seed: 9 },
    );
  });

  test('of curves that are not convex, finds the least of what is convex below them', () => {
    fc.assert(
      fc.property(fc.array(risingCurve, { minLength: 2, maxLength: 2 }), between(0.001, 0.999), (two, position) => {
        const lasts = two.map((curve) => curve.at(-1)!.sparsity);
        const both = position * (lasts[0]! + lasts[1]!);
        const input = inputOf(makeSlots(1, { kinds: ['a', 'b'] }), both / 2, two);
        const below = two.map(envelopeOf);
        const lossAt = (first: number) => below[0]!(first) + below[1]!(both - first);
        const [from, to] = [Math.max(0, both - lasts[1]!), Math.min(lasts[0]!, both)];
        const within = (first: number) => Math.min(Math.max(first, from + 1e-12), to - 1e-12);
        const loss = lossAt(within(allocate(input)[0]!));
        for (let step = 1; step < 50; step++) expect(loss).toBeLessThanOrEqual(lossAt(from + (step / 50) * (to - from)) + 1e-9);
      }),
      { numRuns: 60, seed: 10 },
    );
  });

  test('goes beyond the last point of a curve only where the total cannot be met otherwise', () => {
    const slots = makeSlots(1, { kinds: ['a', 'b'] });
    const short = powerCurve(1e-9, 1).slice(0, 16);
    const found = [short, powerCurve(50, 2)];
    expect(allocate(inputOf(slots, 0.6, found))[0]).toBeCloseTo(0.8, 12);
    for (const [i, share] of allocate(inputOf(slots, 0.875, found)).entries()) expect(share).toBeCloseTo([0.8, 0.95][i]!, 12);
    const [a, b] = allocate(inputOf(slots, 0.9, found));
    expect((a! - 0.8) / 0.2).toBeCloseTo((b! - 0.95) / 0.05, 9);
  });

  test('never predicts more than uniform does', () => {
    fc.assert(
      fc.property(fc.array(convexCurve, { minLength: 1, maxLength: 40 }), between(0, 0.95), (many, sparsity) => {
        const slots = makeSlots(many.length, { kinds: ['a'], shapeOf: (i) => [5 + (i % 3), 10] });
        const input = inputOf(slots, sparsity, many);
        const uniform = lossOf(input, new Float64Array(many.length).fill(sparsity));
        expect(lossOf(input, allocate(input))).toBeLessThanOrEqual(uniform * (1 + 1e-9) + 1e-12);
      }),
      { numRuns: 100, seed: 11 },
    );
  });

  test.each([
    ['one curve', powerCurve(2, 3)],
    ['nothing to lose', powerCurve(0, 1)],
    ['a straight line', powerCurve(3, 1)],
    ['a curve that rises early, then is flat', powerCurve(1, 0.2)],
  ])('shares the total evenly where all matrices have %s for a weight', (_, curve) => {
    const slots = makeSlots(4, { shapeOf: (i) => [3 + i, 11] });
    const found = sizesOf(slots).map((size) => curve.map(({ sparsity, error }) => ({ sparsity, error: size * error })));
    for (const sparsity of [0, 0.31, 0.5, 0.97])
      for (const share of allocate(inputOf(slots, sparsity, found))) expect(share).toBeCloseTo(sparsity, 9);
  });

  test('takes most where it costs least for a weight, whatever the size', () => {
    const slots = makeSlots(1, { kinds: ['small', 'large'], shapeOf: (i) => [i === 0 ? 10 : 100, 10] });
    const [small, large] = allocate(inputOf(slots, 0.5, [powerCurve(1, 2), powerCurve(1, 2)]));
    expect(large).toBeGreaterThan(small!);
  });

  test('puts all at the nearer limit where the total cannot be met', () => {
    const slots = makeSlots(1, { kinds: ['a', 'b'] });
    const limits = { least: Float64Array.of(0.2, 0.3), most: Float64Array.of(0.6, 0.3) };
    for (const [sparsity, expected] of [
      [0.1, limits.least],
      [0.9, limits.most],
    ] as const)
      expect(allocate(inputOf(slots, sparsity, [powerCurve(1, 2), powerCurve(1, 3)], limits))).toEqual(expected);
  });
});
