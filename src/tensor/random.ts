/** A small seeded random generator that gives the same numbers on every machine: xoshiro128**, its state filled by splitmix32. */

export interface Random {
  /** Uniform in [0, 1), a multiple of 2^-53. */
  uniform(): number;
  /** A uniform integer in [0, n), without bias; n from 1 to 2^32. */
  below(n: number): number;
  /** Standard normal. */
  gaussian(): number;
}

/**
 * @param seed  an integer from 0 to 2^53 - 1; every one has its own stream
 * @see         Blackman and Vigna 2021, "Scrambled Linear Pseudorandom Number Generators", doi:10.1145/3460772
 */
export function createRandom(seed: number): Random {
  const next = xoshiro128(seed);
  const uniform = () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) * 2 ** -53;
  return { uniform, below: (n) => below(next, n), gaussian: () => gaussian(uniform) };
}

function xoshiro128(seed: number): () => number {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`a seed is an integer from 0 to 2^53 - 1, not ${seed}`);
  const low = splitmix32(seed >>> 0);
  const high = splitmix32((Math.floor(seed / 2 ** 32) ^ 0x5eca7e) >>> 0);
  // Both halves of the seed go into every word: the first number drawn depends on the second word alone.
  let [s0, s1, s2, s3] = [low() ^ high(), low() ^ high(), low() ^ high(), low() ^ high()];
  return () => {
    const scrambled = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9);
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return scrambled >>> 0;
  };
}

function splitmix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
}

function rotateLeft(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** Draws again while in the incomplete last run of n, which alone would favour the small remainders. */
function below(next: () => number, n: number): number {
  if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`below() takes an integer from 1 to 2^32, not ${n}`);
  const limit = 2 ** 32 - (2 ** 32 % n);
  let draw = next();
  while (draw >= limit) draw = next();
  return draw % n;
}

/** Marsaglia's polar method; one of its two numbers is dropped, so that no state hides between calls. */
function gaussian(uniform: () => number): number {
  for (;;) {
    const x = 2 * uniform() - 1;
    const y = 2 * uniform() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * naturalLog(s)) / s);
  }
}

/** `Math.log` may differ in its last bit between engines; this one is made of operations that IEEE 754 fixes. For x in (0, 1). */
function naturalLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  const z = (mantissa - 1) / (mantissa + 1);
  let series = 0;
  for (let k = 23; k >= 1; k -= 2) series = series * z * z + 1 / k;
  return 2 * z * series + exponent * Math.LN2;
}
