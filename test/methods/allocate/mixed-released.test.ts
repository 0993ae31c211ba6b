import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { exactCounts } from '../../../src/methods/allocate/counts.ts';
import { mixedReleased } from '../../../src/methods/allocate/mixed-released.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { inputOf, meanShare, sizesOf } from '../../support/sensitivities.ts';
import { makeSlots } from '../../support/slots.ts';

const kinds = [
  'self_attn.q_proj',
  'self_attn.k_proj',
  'self_attn.v_proj',
  'self_attn.o_proj',
  'mlp.gate_proj',
  'mlp.up_proj',
  'mlp.down_proj',
];
const shapes = [...new Array(4).fill([4096, 4096]), [11008, 4096], [11008, 4096], [4096, 11008]] as [number, number][];
const llama7b = makeSlots(32, { kinds, shapeOf: (i) => shapes[i % 7]! });
const defaults = v.parse(mixedReleased.options, {});

/** With traces of no order. */
function askedOf(seed: number, sparsity: number, options = defaults) {
  const random = createRandom(seed);
  const values = llama7b.map(() => Math.exp(random.gaussian()));
  const shares = mixedReleased.allocate(inputOf(llama7b, sparsity, values), options);
  return { values, shares, mean: meanShare(shares, llama7b) };
}

describe('mixed-released', () => {
  test('misses the total of LLaMA-7B as the published rule does', () => {
    const means = Array.from({ length: 20 }, (_, seed) => askedOf(seed, 0.5).mean);
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
    expect(mean).toBeGreaterThan(0.476);
    expect(mean).toBeLessThan(0.48);
  });

  test('comes near the total with no norms among the matrices', () => {
    const { mean, shares } = askedOf(1, 0.5, { ...defaults, norms: 0 });
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(Math.min(...shares)).toBeCloseTo(0.4, 12);
    expect(Math.max(...shares)).toBeCloseTo(0.6, 12);
  });

  test('gives densities in even steps by place, the norms below', () => {
    const slots = makeSlots(1, { kinds: ['a', 'b', 'c'] });
    const shares = mixedReleased.allocate(inputOf(slots, 0.5, [2, 3, 1]), { lower: 0.1, norms: 2 });
    // Places 2, 3 and 4 of five, from a density of 0.1 to one of 0.9.
    for (const [i, density] of [0.7, 0.9, 0.5].entries()) expect(1 - shares[i]!).toBeCloseTo(density, 12);
  });

  test('mixes nothing at 60 % and turns upside down above', () => {
    const slope = (sparsity: number) => {
      const { values, shares } = askedOf(2, sparsity);
      return shares[values.indexOf(Math.max(...values))]! - shares[values.indexOf(Math.min(...values))]!;
    };
    expect(slope(0.5)).toBeCloseTo((-0.2 * 223) / 287, 12);
    expect(slope(0.6)).toBeCloseTo(0, 12);
    expect(slope(0.7)).toBeGreaterThan(0.1);
    expect(askedOf(2, 0.7).mean).toBeCloseTo(0.722, 2);
  });

  test('gives the very published budget where the total it reaches is asked for, and the lower bound raised by the difference', () => {
    const { values, shares, mean } = askedOf(3, 0.5);
    const again = mixedReleased.allocate(inputOf(llama7b, mean, values), { ...defaults, lower: 0.4 + (0.5 - mean) });
    const total = Math.round(mean * sizesOf(llama7b).reduce((sum, size) => sum + size, 0));
    const zeros = exactCounts({ slots: llama7b, shares: again, total });
    for (const [i, size] of sizesOf(llama7b).entries()) expect(Math.abs(zeros[i]! - shares[i]! * size)).toBeLessThanOrEqual(2);
  });
});
