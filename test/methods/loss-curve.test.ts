import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorAt } from '../../src/methods/error-curve.ts';
import { curveSparsities, levelSparsities, lossCurve } from '../../src/methods/loss-curve.ts';

const levelsOf = (errors: readonly number[]) => errors.map((error, i) => ({ sparsity: [0.4, 0.6, 0.8][i], error }));

describe('levels', () => {
  it.each([2, 3, 4, 5])('are as many as asked for, ascending: %i', (levels) => {
    const sparsities = levelSparsities(levels);
    expect(sparsities).toHaveLength(levels);
    expect(sparsities).toEqual(sparsities.toSorted());
    expect(levelSparsities(levels + 1) ?? []).not.toEqual(sparsities);
  });

  it('are points of the curve, so that it is read there exactly', () => {
    for (const sparsity of [2, 3, 4, 5].flatMap(levelSparsities)) expect(curveSparsities).toContain(sparsity);
    for (const levels of [2, 3, 4, 5]) expect(levelSparsities(levels).at(-1)).toBe(curveSparsities.at(-1));
  });
});

describe('a curve of losses', () => {
  it('goes through its levels, between them is straight in its logarithm, and beyond rises three times as fast', () => {
    const curve = lossCurve(levelsOf([0.01, 0.04, 0.32]));
    const at = (sparsity: number) => curve[curveSparsities.findIndex((own) => Math.abs(own - sparsity) < 1e-9)].error;
    expect(at(0.4)).toBeCloseTo(0.01, 12);
    expect(at(0.5)).toBeCloseTo(0.02, 12);
    expect(at(0.6)).toBeCloseTo(0.04, 12);
    expect(at(0.8)).toBeCloseTo(0.32, 12);
    expect(errorAt(curve, 0.95) / 0.32).toBeCloseTo(8 ** (3 * 0.75), 6);
    expect(curve.at(-1)!.sparsity).toBe(0.99);
  });

  it('starts at nothing as a power, with the slope that it has at the first level', () => {
    const curve = lossCurve(levelsOf([0.01, 0.04, 0.32]));
    const power = (0.4 * Math.log(4)) / 0.2;
    expect(curve[3].error).toBeCloseTo(0.01 * 0.5 ** power, 12);
    expect(errorAt(curve, 0)).toBe(0);
  });

  it('never falls and is never below zero, whatever the levels are', () => {
    const errors = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(errors, (drawn) => {
        const curve = lossCurve(levelsOf(drawn));
        expect(curve).toHaveLength((drawn.length === 2 ? 12 : 16) + 4);
        expect(curve.every(({ error }, i) => Number.isFinite(error) && error >= (curve[i - 1]?.error ?? 0))).toBe(true);
      }),
    );
  });
});
