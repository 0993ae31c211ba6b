import { describe, expect, test } from 'vitest';
import { type StoredType, settle } from '../../src/methods/settle.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { countZeros, randomMask } from '../support/problems.ts';

const types: StoredType[] = ['bf16', 'f16', 'f32'];
const smallest = { bf16: 2 ** -126, f16: 2 ** -24, f32: 2 ** -126 };
const epsilon = { bf16: 2 ** -8, f16: 2 ** -11, f32: 2 ** -24 };
const one = (value: number) => ({ rows: 1, cols: 1, data: Float32Array.of(value) });

describe.each(types)('settle to %s', (type) => {
  test('T13: the file has exactly the zeros of the mask, all of them +0, even where kept weights are tiny or zero', () => {
    const random = createRandom(17);
    const weight = { rows: 31, cols: 23, data: Float32Array.from({ length: 31 * 23 }, () => random.gaussian() * 10 ** -random.below(50)) };
    weight.data[5] = 0;
    weight.data[6] = -0;
    const mask = randomMask(weight, 0.4, random);
    mask.data.fill(1, 5, 7);
    const { weight: stored, bytes, nudged } = settle({ name: 'w', weight, mask, type });
    expect(stored.data.every((value, i) => (mask.data[i] ? value !== 0 : Object.is(value, 0)))).toBe(true);
    expect(countZeros(stored.data)).toBe(countZeros(mask.data));
    expect(bytes).toHaveLength(31 * 23 * (type === 'f32' ? 4 : 2));
    expect(nudged).toBe(
      Array.from(stored.data).filter((value, i) => Math.abs(value) === smallest[type] && Math.abs(weight.data[i]) < smallest[type] / 2)
        .length,
    );
    expect(nudged).toBeGreaterThan(type === 'f32' ? 1 : 5);
  });

  test('a kept weight moves by no more than half a step of the dtype', () => {
    const random = createRandom(18);
    const weight = { rows: 8, cols: 50, data: Float32Array.from({ length: 400 }, () => random.gaussian()) };
    const { weight: stored, nudged } = settle({ name: 'w', weight, mask: randomMask(weight, 0, random), type });
    expect(stored.data.every((value, i) => Math.abs(value - weight.data[i]) <= epsilon[type] * Math.abs(weight.data[i]))).toBe(true);
    expect(nudged).toBe(0);
  });

  test('a kept zero becomes the smallest number of its sign', () => {
    const mask = { rows: 1, cols: 1, data: Uint8Array.of(1) };
    for (const value of [0, -0]) {
      const { weight, nudged } = settle({ name: 'w', weight: one(value), mask, type });
      expect([weight.data[0], nudged]).toEqual([Object.is(value, 0) ? smallest[type] : -smallest[type], 1]);
    }
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses a kept %f and lets a pruned one be', (bad) => {
    const attempt = (kept: number) =>
      settle({ name: 'blk.w', weight: one(bad), mask: { rows: 1, cols: 1, data: Uint8Array.of(kept) }, type });
    expect(() => attempt(1)).toThrow(expect.objectContaining({ code: 'NOT_FINITE', message: expect.stringContaining('blk.w') }));
    expect(attempt(0).weight.data[0]).toBe(0);
  });

  test('leaves the weight it was given as it was', () => {
    const weight = { rows: 1, cols: 3, data: Float32Array.of(1, 0, 2.2) };
    settle({ name: 'w', weight, mask: { rows: 1, cols: 3, data: Uint8Array.of(0, 1, 1) }, type });
    expect(Array.from(weight.data)).toEqual([1, 0, Math.fround(2.2)]);
  });
});

test('f16 refuses what it cannot hold, saying where', () => {
  const weight = { rows: 2, cols: 2, data: Float32Array.of(1, 2, 3, -65520) };
  const mask = { rows: 2, cols: 2, data: Uint8Array.of(1, 1, 1, 1) };
  expect(() => settle({ name: 'w', weight, mask, type: 'f16' })).toThrow('w: the pruned weight at [1, 1] is -65520, which f16 cannot hold');
  expect(settle({ name: 'w', weight, mask, type: 'bf16' }).weight.data[3]).toBe(-65536);
});

test('bytes are little-endian', () => {
  const mask = { rows: 1, cols: 1, data: Uint8Array.of(1) };
  const bytes = (type: StoredType) => Array.from(settle({ name: 'w', weight: one(1), mask, type }).bytes);
  expect([bytes('bf16'), bytes('f16'), bytes('f32')]).toEqual([
    [0x80, 0x3f],
    [0x00, 0x3c],
    [0, 0, 0x80, 0x3f],
  ]);
});
