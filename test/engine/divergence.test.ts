import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denseSlice, joinSlices, sliceShift } from '../../src/engine/divergence.ts';
import { createRandom } from '../../src/tensor/random.ts';

/** KL and log Σ exp by the definition, in f64; of logits that are f32. */
function plain(before: Float32Array, after: Float32Array): { kl: number; logTotal: number } {
  const logTotal = (logits: Float32Array) => {
    const top = logits.reduce((a, b) => Math.max(a, b));
    return top + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - top), 0));
  };
  const [zBefore, zAfter] = [logTotal(before), logTotal(after)];
  const kl = before.reduce((sum, value, v) => sum + Math.exp(value - zBefore) * (value - zBefore - after[v] + zAfter), 0);
  return { kl, logTotal: zAfter - zBefore };
}

function sliced(before: Float32Array, after: Float32Array, edges: readonly number[]) {
  const cut = (data: Float32Array, k: number) => data.slice(edges[k], edges[k + 1]);
  const n = edges.length - 1;
  const dense = Array.from({ length: n }, (_, k) => denseSlice({ rows: 1, cols: edges[k + 1] - edges[k], data: cut(before, k) }));
  const shifts = dense.map((slice, k) => sliceShift(slice, cut(after, k)));
  return joinSlices(
    dense.map(({ logTotals }) => logTotals[0]),
    shifts.map(({ means, excesses }) => ({ mean: means[0], excess: excesses[0] })),
  );
}

function drawLogits(seed: number, difference: number, shift: number): [Float32Array, Float32Array] {
  const random = createRandom(seed);
  const before = Float32Array.from({ length: 300 }, () => 4 * random.gaussian());
  return [before, before.map((value) => value + shift + difference * random.gaussian())];
}

describe('the divergence of predictions', () => {
  it('is what the definition says, however the vocabulary is cut and whatever is added to all logits', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(0.1, 0.6, 1.5, 6), fc.constantFrom(0, -30, 12), (seed, difference, shift) => {
        const [before, after] = drawLogits(seed, difference, shift);
        const expected = plain(before, after);
        for (const edges of [
          [0, 300],
          [0, 1, 113, 300],
        ]) {
          const { kl, logTotal } = sliced(before, after, edges);
          expect(Math.abs(kl / expected.kl - 1)).toBeLessThan(1e-5);
          expect(logTotal).toBeCloseTo(expected.logTotal, 5);
        }
      }),
    );
  });

  it('is half the variance of the difference where that is tiny, far below what the definition can tell', () => {
    const [before] = drawLogits(1, 0, 0);
    const after = before.map((value) => value + (Math.abs(value) < 2 ? 2 ** -21 : 0));
    const { kl } = sliced(before, after, [0, 300]);
    const weights = before.map((value) => Math.exp(value));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const moved = weights.reduce((sum, weight, v) => sum + (after[v] - before[v]) * (weight / total), 0);
    const variance = weights.reduce((sum, weight, v) => sum + (weight / total) * (after[v] - before[v] - moved) ** 2, 0);
    expect(kl).toBeGreaterThan(0);
    expect(Math.abs(kl / (variance / 2) - 1)).toBeLessThan(1e-4);
  });

  it('is exactly nothing where all logits are the same, or all are off by one number', () => {
    const before = Float32Array.of(1, -2, 0.5, 3);
    expect(sliced(before, before, [0, 2, 4])).toEqual({ kl: 0, logTotal: 0 });
    expect(
      sliced(
        before,
        before.map((value) => value + 8),
        [0, 4],
      ).kl,
    ).toBeLessThan(1e-30);
  });
});
