/** What gradients and curvatures draw: probes and labels, the same for the same seed on every machine. */

import type { CurvatureRequest } from '../methods/lab.ts';
import { createRandom, type Random } from '../tensor/random.ts';

/** Independent generators from one seed. */
export function createRandoms(seed: number, n: number): Random[] {
  const seeds = createRandom(seed);
  return Array.from({ length: n }, () => createRandom(seeds.below(2 ** 32)));
}

/** A probe for one matrix: independent entries of mean 0 and variance 1. */
export function drawProbe(law: CurvatureRequest['law'], random: Random, size: number): Float32Array {
  const probe = new Float32Array(size);
  if (law === 'gaussian') return probe.map(() => random.gaussian());
  for (let from = 0; from < size; from += 32) {
    const signs = random.below(2 ** 32);
    const to = Math.min(size, from + 32);
    for (let i = from; i < to; i++) probe[i] = (signs >>> (i - from)) & 1 ? 1 : -1;
  }
  return probe;
}

/**
 * An index drawn with the probabilities exp(logits − logTotal), by their running sum.
 *
 * @param logTotal  log Σ exp(logits)
 * @param share     uniform in [0, 1)
 */
export function drawIndex(logits: Float32Array, logTotal: number, share: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    sum += Math.exp(logits[i] - logTotal);
    if (sum > share) return i;
  }
  // The probabilities add up to 1 but for rounding.
  return logits.length - 1;
}
