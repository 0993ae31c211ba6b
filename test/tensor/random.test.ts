import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/tensor/random.ts';

describe('createRandom', () => {
  test('draws what xoshiro128** gives in exact integer arithmetic, for small seeds and those beyond 32 bits', () => {
    for (const seed of [0, 1, 42, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
      const random = createRandom(seed);
      const exact = xoshiroInBigInts(BigInt(seed));
      for (let i = 0; i < 200; i++) expect(random.below(2 ** 32)).toBe(Number(exact()));
    }
  });

  test('gives these very numbers, on every machine', () => {
    const random = createRandom(7);
    expect([random.uniform(), random.gaussian(), random.below(1000)]).toEqual([0.654354497232809, 0.4799951707546088, 470]);
  });

  test('neighbouring seeds begin with unrelated numbers, also where only bits above the 32nd differ', () => {
    for (const step of [1, 2 ** 32]) {
      const first = Array.from({ length: 4000 }, (_, i) => createRandom(17 + i * step).below(2 ** 32));
      expect(new Set(first).size).toBe(4000);
      const covariance = first.reduce((sum, x, i) => sum + (i === 0 ? 0 : (x / 2 ** 32 - 0.5) * (first[i - 1] / 2 ** 32 - 0.5)), 0);
      expect(Math.abs(covariance / 4000)).toBeLessThan(0.005);
    }
  });

  test('uniform numbers lie in [0, 1) with the moments of their law', () => {
    const random = createRandom(11);
    const draws = Array.from({ length: 100_000 }, () => random.uniform());
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(moment(draws, 1)).toBeCloseTo(0.5, 2);
    expect(moment(draws, 2)).toBeCloseTo(1 / 3, 2);
  });

  test('gaussian numbers have the moments and the tails of their law', () => {
    const random = createRandom(12);
    const draws = Array.from({ length: 200_000 }, () => random.gaussian());
    expect([1, 2, 3, 4].map((order) => moment(draws, order))).toSatisfy((m: number[]) =>
      [0, 1, 0, 3].every((expected, i) => Math.abs(m[i] - expected) < 0.05),
    );
    expect(draws.filter((x) => x > 1).length / draws.length).toBeCloseTo(0.1587, 2);
    expect(draws.filter((x) => Math.abs(x) > 3).length / draws.length).toBeCloseTo(0.0027, 3);
  });

  test('integers below n are all reached, equally often, also where n does not divide 2^32', () => {
    const random = createRandom(13);
    const counts = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) counts[random.below(7)]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(22.5); // 6 degrees of freedom, p = 0.001
    // With n = 3 · 2^30, draws that merely took the remainder would fall below 2^30 half of the time.
    const low = Array.from({ length: 20_000 }, () => random.below(3 * 2 ** 30)).filter((draw) => draw < 2 ** 30).length;
    expect(low / 20_000).toBeCloseTo(1 / 3, 1);
  });

  test('refuses seeds and bounds it cannot honour', () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => createRandom(seed)).toThrow(RangeError);
    for (const n of [0, 1.5, -3, 2 ** 33]) expect(() => createRandom(1).below(n)).toThrow(RangeError);
  });
});

function moment(draws: readonly number[], order: number): number {
  return draws.reduce((sum, x) => sum + x ** order, 0) / draws.length;
}

function xoshiroInBigInts(seed: bigint): () => bigint {
  const word = (x: bigint) => BigInt.asUintN(32, x);
  const rotate = (x: bigint, by: bigint) => word((x << by) | (x >> (32n - by)));
  const splitmix = (start: bigint) => {
    let state = start;
    return () => {
      state = word(state + 0x9e3779b9n);
      let z = word((state ^ (state >> 16n)) * 0x85ebca6bn);
      z = word((z ^ (z >> 13n)) * 0xc2b2ae35n);
      return z ^ (z >> 16n);
    };
  };
  const low = splitmix(word(seed));
  const high = splitmix(word((seed >> 32n) ^ 0x5eca7en));
  const s = Array.from({ length: 4 }, () => low() ^ high());
  return () => {
    const result = word(rotate(word(s[1] * 5n), 7n) * 9n);
    const t = word(s[1] << 9n);
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return result;
  };
}
