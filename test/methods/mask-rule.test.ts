import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../src/methods/mask-rule.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { countZeros } from '../support/problems.ts';

/** Of so few values that most are tied. */
const tied = fc
  .record({ rows: fc.integer({ min: 1, max: 9 }), cols: fc.integer({ min: 1, max: 23 }), seed: fc.nat(1000) })
  .map(({ rows, cols, seed }) => {
    const random = createRandom(seed);
    return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => random.below(4)) };
  });

describe('chooseMask', () => {
  test('T13: prunes exactly the number asked for, in either scope, whatever the ties', () => {
    fc.assert(
      fc.property(
        tied,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('row' as const, 'matrix' as const),
        (saliency, share, scope) => {
          const zeros = Math.round(share * saliency.data.length);
          const mask = chooseMask(saliency, { zeros }, scope);
          expect(countZeros(mask.data)).toBe(zeros);
          expect(mask.data.every((kept) => kept <= 1)).toBe(true);
        },
      ),
      { numRuns: 300, seed: 4 },
    );
  });

  test('in matrix scope every kept saliency is at least every pruned one', () => {
    fc.assert(
      fc.property(tied, (saliency) => {
        const { data } = chooseMask(saliency, { zeros: Math.floor(saliency.data.length / 3) }, 'matrix');
        const of = (kept: number) => Array.from(saliency.data).filter((_, at) => data[at] === kept);
        expect(Math.min(9, ...of(1))).toBeGreaterThanOrEqual(Math.max(0, ...of(0)));
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  test('in row scope rows share the zeros to within one, and each prunes its own smallest', () => {
    const random = createRandom(6);
    const saliency = {
      rows: 7,
      cols: 11,
      data: Float32Array.from({ length: 77 }, (_, at) => random.uniform() * 10 ** Math.floor(at / 11)),
    };
    const { data } = chooseMask(saliency, { zeros: 40 }, 'row');
    const rows = Array.from({ length: 7 }, (_, i) => i * 11);
    expect(rows.map((from) => countZeros(data.slice(from, from + 11)))).toEqual([6, 6, 6, 6, 6, 5, 5]);
    for (const from of rows) {
      const [kept, pruned] = [1, 0].map((flag) =>
        Array.from(saliency.data.slice(from, from + 11)).filter((_, j) => data[from + j] === flag),
      );
      expect(Math.min(...kept)).toBeGreaterThan(Math.max(...pruned));
    }
  });

  test('T13: with n:m every group of m inputs keeps its n largest, ties going to the lower index', () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 5, 5, 5, 0, 0, 9, 0, 4, 3, 2, 1, 2, 2, 1, 1, 1, 1, 2, 2);
    const mask = chooseMask({ rows: 2, cols: 12, data }, { n: 2, m: 4 }, 'matrix');
    expect(Array.from(mask.data)).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1]);
  });

  test('equal saliencies go by lower index first', () => {
    const flat = { rows: 2, cols: 3, data: new Float32Array(6).fill(2) };
    expect(Array.from(chooseMask(flat, { zeros: 4 }, 'matrix').data)).toEqual([0, 0, 0, 0, 1, 1]);
    expect(Array.from(chooseMask(flat, { zeros: 3 }, 'row').data)).toEqual([0, 0, 1, 0, 1, 1]);
  });

  test('refuses NaN, and rows that cannot be cut into groups', () => {
    const saliency = { rows: 1, cols: 6, data: Float32Array.of(1, 2, 3, Number.NaN, 5, 6) };
    for (const target of [{ zeros: 2 }, { n: 1, m: 2 }])
      expect(() => chooseMask(saliency, target, 'row')).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
    expect(() => chooseMask(saliency, { n: 2, m: 4 }, 'row')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', message: '6 inputs are not a multiple of 4, as 2:4 needs' }),
    );
  });
});
