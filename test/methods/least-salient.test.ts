import { describe, expect, it } from 'vitest';
import { sumsOverLeast } from '../../src/methods/least-salient.ts';
import { createRandom } from '../../src/tensor/random.ts';

describe('sums over the least salient', () => {
  it('are those of a sort', () => {
    const random = createRandom(5);
    const saliencies = Float32Array.from({ length: 200 }, () => random.uniform() ** 3);
    const terms = Array.from({ length: 200 }, () => random.gaussian());
    const order = terms.map((_, at) => at).toSorted((a, b) => saliencies[a] - saliencies[b]);
    const shares = [0.005, 0.3, 0.5, 0.95];
    const sums = sumsOverLeast(saliencies, shares, (at) => terms[at]);
    for (const [i, share] of shares.entries())
      expect(sums[i]).toBeCloseTo(
        order.slice(0, Math.round(share * 200)).reduce((sum, at) => sum + terms[at], 0),
        10,
      );
  });

  it('leave the saliencies as they are', () => {
    const saliencies = Float32Array.of(3, 1, 2);
    sumsOverLeast(saliencies, [0.5], () => 1);
    expect(saliencies).toEqual(Float32Array.of(3, 1, 2));
  });
});
