import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ropeParameters } from '../../../src/engine/import/rope.ts';
import { ggufFile } from './gguf-file.ts';

const base = { 'llama.rope.freq_base': Math.fround(1e4) };

test.each([
  ['nothing said', {}, { rope_type: 'default', rope_theta: 10_000 }],
  ['no scaling', { 'llama.rope.scaling.type': 'none' }, { rope_type: 'default', rope_theta: 10_000 }],
  ['a factor alone', { 'llama.rope.scaling.factor': 4 }, { rope_type: 'linear', rope_theta: 10_000, factor: 4 }],
  ['the old key', { 'llama.rope.scale_linear': Math.fround(2.2) }, { rope_type: 'linear', rope_theta: 10_000, factor: 2.2 }],
  [
    'yarn with its bounds',
    {
      'llama.rope.scaling.type': 'yarn',
      'llama.rope.scaling.factor': 4,
      'llama.rope.scaling.original_context_length': 4096,
      'llama.rope.scaling.yarn_beta_fast': 24,
    },
    { rope_type: 'yarn', rope_theta: 10_000, factor: 4, original_max_position_embeddings: 4096, beta_fast: 24 },
  ],
])('%s becomes the rope_parameters that mean it', (_, metadata, parameters) => {
  expect(ropeParameters(ggufFile({ ...base, ...metadata }), 'llama', 64, undefined)).toEqual(parameters);
});

test('a scaling that a config cannot express is refused by name', () => {
  const longrope = ggufFile({ 'llama.rope.scaling.type': 'longrope' });
  expect(() => ropeParameters(longrope, 'llama', 64, undefined)).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: 'm.gguf: llama.rope.scaling.type "longrope"' }),
  );
  const yarn = ggufFile({ 'llama.rope.scaling.type': 'yarn', 'llama.rope.scaling.factor': 4 });
  expect(() => ropeParameters(yarn, 'llama', 64, undefined)).toThrow('llama.rope.scaling.original_context_length is missing');
});

/** What llama.cpp's converter stores for a llama3 scaling. */
function factorsOf(theta: number, headDim: number, factor: number, low: number, high: number, original: number): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * Math.fround(theta) ** Math.fround((2 * i) / headDim);
    if (wavelength < original / high) return 1;
    if (wavelength > original / low) return factor;
    const smooth = (original / wavelength - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

test.each([
  ['Llama 3.1', 128, 8],
  ['Llama 3.2', 64, 32],
])('the factors of %s give back its published scaling', (_, headDim, factor) => {
  const file = ggufFile({ 'llama.rope.freq_base': 500_000 });
  expect(ropeParameters(file, 'llama', headDim, factorsOf(500_000, headDim, factor, 1, 4, 8192))).toEqual({
    rope_type: 'llama3',
    rope_theta: 500_000,
    factor,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  });
});

test('factors of any other llama3 scaling give back one that makes the same factors', () => {
  const scaling = fc.record({
    factor: fc.constantFrom(2, 3.5, 16),
    low: fc.constantFrom(0.5, 1, 2),
    ratio: fc.constantFrom(3, 4, 8),
    original: fc.constantFrom(1024, 4096, 32768),
  });
  fc.assert(
    fc.property(scaling, ({ factor, low, ratio, original }) => {
      const factors = factorsOf(1e6, 128, factor, low, low * ratio, original);
      const found = ropeParameters(ggufFile({ 'llama.rope.freq_base': 1e6 }), 'llama', 128, factors);
      const { low_freq_factor, high_freq_factor, original_max_position_embeddings } = found as unknown as Record<string, number>;
      const again = factorsOf(1e6, 128, factor, low_freq_factor, high_freq_factor, original_max_position_embeddings);
      for (const [i, value] of again.entries()) expect(value / factors[i]).toBeCloseTo(1, 3);
      expect(found.factor).toBe(factor);
    }),
  );
});

test('factors that are all one scale nothing', () => {
  expect(ropeParameters(ggufFile(base), 'llama', 8, new Float32Array(4).fill(1))).toEqual({ rope_type: 'default', rope_theta: 10_000 });
});

test.each([
  ['other factors', Float32Array.of(1, 2, 1, 3), {}, 'rope_freqs.weight is not what llama3 scaling makes for any factor'],
  ['too few factors', Float32Array.of(1, 2), {}, 'rope_freqs.weight has 2 factors for heads of 8 dimensions'],
  [
    'a second scaling',
    Float32Array.of(1, 1, 1, 2),
    { 'llama.rope.scaling.factor': 2 },
    'rope_freqs.weight and llama.rope.scaling.factor 2',
  ],
])('%s are refused', (_, factors, metadata, message) => {
  expect(() => ropeParameters(ggufFile({ ...base, ...metadata }), 'llama', 8, factors)).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining(message) }),
  );
});
