import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../src/methods/mask-rule.ts';
import type { Matrix } from '../../src/tensor/matrix.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { countZeros } from '../support/problems.ts';

/** Of so few values that most are tied. */
const tied = fc
  .record({ rows: fc.integer({ min: 1, max: 9 }), cols: fc.integer({ min: 1, max: 23 }), seed: fc.nat(1000) })
  .map(({ rows, cols, seed }) => {
    const random = createRandom(seed);
    return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => random.below(4)) };
  });

/** A weight without a zero, which leaves all to the saliencies. */
const ones = ({ rows, cols }: Matrix): Matrix => ({ rows, cols, data: new Float32Array(rows * cols).fill(1) });

/** Saliencies nearly all tied, for weights of which each row has another share of zeros; a saliency says nothing of its weight. */
const sparse = tied.map((saliency) => {
  const random = createRandom(saliency.data.length);
  const shares = Array.from({ length: saliency.rows }, () => random.uniform());
  const data = saliency.data.map((_, at) => (random.uniform() < shares[Math.floor(at / saliency.cols)] ? -0 : 1));
  return { saliency, weight: { ...saliency, data } };
});
const scopes = fc.constantFrom('row' as const, 'matrix' as const);
const rowsOf = ({ rows, cols }: Matrix, data: ArrayLike<number>) =>
  Array.from({ length: rows }, (_, i) => Array.from(data).slice(i * cols, (i + 1) * cols));

describe('chooseMask', () => {
  test('T13: prunes exactly the number asked for, in either scope, whatever the ties', () => {
    fc.assert(
      fc.property(
        tied,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('row' as const, 'matrix' as const),
        (saliency, share, scope) => {
          const zeros = Math.round(share * saliency.data.length);
          const mask = chooseMask(saliency, ones(saliency), { zeros }, scope);
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
        const { data } = chooseMask(saliency, ones(saliency), { zeros: Math.floor(saliency.data.length / 3) }, 'matrix');
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
    const { data } = chooseMask(saliency, ones(saliency), { zeros: 40 }, 'row');
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
    const saliency = { rows: 2, cols: 12, data };
    const mask = chooseMask(saliency, ones(saliency), { n: 2, m: 4 }, 'matrix');
    expect(Array.from(mask.data)).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1]);
  });

  test('equal saliencies go by lower index first', () => {
    const flat = { rows: 2, cols: 3, data: new Float32Array(6).fill(2) };
    expect(Array.from(chooseMask(flat, ones(flat), { zeros: 4 }, 'matrix').data)).toEqual([0, 0, 0, 0, 1, 1]);
    expect(Array.from(chooseMask(flat, ones(flat), { zeros: 3 }, 'row').data)).toEqual([0, 0, 1, 0, 1, 1]);
  });

  test('refuses NaN, and rows that cannot be cut into groups', () => {
    const saliency = { rows: 1, cols: 6, data: Float32Array.of(1, 2, 3, Number.NaN, 5, 6) };
    for (const target of [{ zeros: 2 }, { n: 1, m: 2 }])
      expect(() => chooseMask(saliency, ones(saliency), target, 'row')).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
    expect(() => chooseMask(saliency, ones(saliency), { n: 2, m: 4 }, 'row')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', message: '6 inputs are not a multiple of 4, as 2:4 needs' }),
    );
  });
});

describe('chooseMask of a weight that has zeros', () => {
  test('prunes them all and counts them, to the exact number asked for, in either scope', () => {
    fc.assert(
      fc.property(sparse, fc.double({ min: 0, max: 1, noNaN: true }), scopes, ({ saliency, weight }, share, scope) => {
        const present = countZeros(weight.data);
        const zeros = present + Math.round(share * (weight.data.length - present));
        const mask = chooseMask(saliency, weight, { zeros }, scope);
        expect(countZeros(mask.data)).toBe(zeros);
        expect(weight.data.every((value, at) => value !== 0 || mask.data[at] === 0)).toBe(true);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('in row scope a row gets more than its own zeros only while no row has fewer, and prunes the smallest of the others', () => {
    fc.assert(
      fc.property(sparse, fc.double({ min: 0, max: 1, noNaN: true }), ({ saliency, weight }, share) => {
        const present = countZeros(weight.data);
        const target = { zeros: present + Math.round(share * (weight.data.length - present)) };
        const { data } = chooseMask(saliency, weight, target, 'row');
        const [own, counts] = [weight.data, data].map((all) => rowsOf(weight, all).map(countZeros));
        expect(counts.every((count, i) => count === own[i] || count <= Math.min(...counts) + 1)).toBe(true);
        for (const row of rowsOf(
          weight,
          data.map((_, at) => at),
        )) {
          const of = (kept: number) => row.filter((at) => weight.data[at] !== 0 && data[at] === kept).map((at) => saliency.data[at]);
          expect(Math.min(9, ...of(1))).toBeGreaterThanOrEqual(Math.max(0, ...of(0)));
        }
      }),
      { numRuns: 300, seed: 8 },
    );
  });

  test('in matrix scope prunes the smallest of the others', () => {
    fc.assert(
      fc.property(sparse, ({ saliency, weight }) => {
        const present = countZeros(weight.data);
        const { data } = chooseMask(saliency, weight, { zeros: present + Math.floor((weight.data.length - present) / 2) }, 'matrix');
        const of = (kept: number) => Array.from(saliency.data).filter((_, at) => weight.data[at] !== 0 && data[at] === kept);
        expect(Math.min(9, ...of(1))).toBeGreaterThanOrEqual(Math.max(0, ...of(0)));
      }),
      { numRuns: 100, seed: 9 },
    );
  });

  test('with n:m keeps the n largest that are not zero of every group, and fewer where there are fewer', () => {
    const random = createRandom(10);
    for (const [n, m] of [
      [2, 4],
      [1, 4],
      [5, 8],
      [3, 5],
      [4, 4],
    ]) {
      const saliency = { rows: 6, cols: 4 * m, data: Float32Array.from({ length: 24 * m }, () => 1 + random.uniform()) };
      const weight = { ...saliency, data: saliency.data.map((_, at) => (random.uniform() < 0.2 + (at % 4) / 5 ? 0 : 1)) };
      const { data } = chooseMask(saliency, weight, { n, m }, 'matrix');
      for (let from = 0; from < data.length; from += m) {
        const live = Array.from({ length: m }, (_, k) => from + k).filter((at) => weight.data[at] !== 0);
        const best = live.toSorted((a, b) => saliency.data[b] - saliency.data[a]).slice(0, n);
        expect(Array.from(data.slice(from, from + m))).toEqual(Array.from({ length: m }, (_, k) => (best.includes(from + k) ? 1 : 0)));
      }
    }
  });

  test('they go before weights of saliency 0, whose index may be lower, and whatever their own saliency', () => {
    const weight = { rows: 2, cols: 3, data: Float32Array.of(1, 1, 0, 1, -0, 1) };
    const saliency = { ...weight, data: Float32Array.of(0, 0, Number.NaN, 0, 7, 2) };
    for (const scope of ['row', 'matrix'] as const) {
      expect(Array.from(chooseMask(saliency, weight, { zeros: 2 }, scope).data)).toEqual([1, 1, 0, 1, 0, 1]);
      expect(Array.from(chooseMask(saliency, weight, { zeros: 3 }, scope).data)).toEqual([0, 1, 0, 1, 0, 1]);
    }
    expect(Array.from(chooseMask(saliency, weight, { n: 2, m: 3 }, 'row').data)).toEqual([1, 1, 0, 1, 0, 1]);
  });

  test('to ask for fewer zeros than there are is a bug', () => {
    const weight = { rows: 2, cols: 3, data: Float32Array.of(1, 0, 0, 1, 1, 1) };
    for (const scope of ['row', 'matrix'] as const)
      for (const zeros of [1, 7, 2.5]) expect(() => chooseMask(ones(weight), weight, { zeros }, scope)).toThrow(RangeError);
  });
});
