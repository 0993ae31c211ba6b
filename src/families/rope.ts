/** Rotary position tables, with each scaling that `rope_parameters` can ask for, rounded as PyTorch rounds them in float32. */

import * as v from 'valibot';
import { SecateurError } from '../error.ts';

const positive = v.pipe(v.number(), v.gtValue(0));

export const ropeSchema = v.looseObject({
  rope_type: v.optional(v.string()),
  type: v.optional(v.string()),
  rope_theta: v.optional(positive),
  factor: v.nullish(positive),
  original_max_position_embeddings: v.optional(positive),
  low_freq_factor: v.optional(positive),
  high_freq_factor: v.optional(positive),
  attention_factor: v.nullish(positive),
  beta_fast: v.nullish(positive),
  beta_slow: v.nullish(positive),
  mscale: v.nullish(v.number()),
  mscale_all_dim: v.nullish(v.number()),
  truncate: v.nullish(v.boolean()),
  partial_rotary_factor: v.optional(v.literal(1, 'partial_rotary_factor other than 1 is not supported')),
});

export type RopeParameters = v.InferOutput<typeof ropeSchema>;

export interface RopeSpec {
  readonly headDim: number;
  readonly theta: number;
  readonly maxLength: number;
  readonly parameters: RopeParameters;
}

export interface RopeTables {
  /** f32 `[length, headDim / 2]`. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** cos and sin of position × frequency for positions 0 … length - 1. */
export function ropeTables(spec: RopeSpec, length: number): RopeTables {
  const { frequencies, scale } = scaledFrequencies(spec, length);
  const half = frequencies.length;
  const angle = (i: number) => f32(Math.floor(i / half) * frequencies[i % half]);
  return {
    cos: Float32Array.from({ length: length * half }, (_, i) => f32(f32(Math.cos(angle(i))) * scale)),
    sin: Float32Array.from({ length: length * half }, (_, i) => f32(f32(Math.sin(angle(i))) * scale)),
  };
}

/** The scalings by the name `rope_type` gives them. */
const scalings: Record<string, (spec: RopeSpec, length: number) => Scaled> = {
  default: ({ theta, headDim }) => ({ frequencies: inverseFrequencies(theta, headDim), scale: 1 }),
  dynamic,
  linear: (spec) => ({
    frequencies: inverseFrequencies(spec.theta, spec.headDim).map((frequency) => frequency / need(spec, 'factor')),
    scale: 1,
  }),
  llama3,
  yarn,
};

/** Throws `UNSUPPORTED` or `BAD_CHECKPOINT` where `ropeTables` could not be made. */
export function checkRope(spec: RopeSpec): void {
  scaledFrequencies(spec, 1);
}

interface Scaled {
  readonly frequencies: Float32Array;
  readonly scale: number;
}

function scaledFrequencies(spec: RopeSpec, length: number): Scaled {
  const type = spec.parameters.rope_type ?? spec.parameters.type ?? 'default';
  const scaling = Object.hasOwn(scalings, type) ? scalings[type] : undefined;
  if (!scaling)
    throw new SecateurError(
      'UNSUPPORTED',
      `config.json: rope_type "${type}" is not supported`,
      `Supported: ${Object.keys(scalings).join(', ')}.`,
    );
  return scaling(spec, length);
}

/** Raises the base as the sequence outgrows the length the model was made for (NTK-aware). */
function dynamic(spec: RopeSpec, length: number): Scaled {
  const { theta, headDim, maxLength } = spec;
  const factor = need(spec, 'factor');
  const stretch = (factor * Math.max(length, maxLength)) / maxLength - (factor - 1);
  return { frequencies: inverseFrequencies(theta * stretch ** (headDim / (headDim - 2)), headDim), scale: 1 };
}

/** Slows the low frequencies down by `factor`, keeps the high ones, and blends in between. */
function llama3(spec: RopeSpec): Scaled {
  const factor = need(spec, 'factor');
  const low = need(spec, 'low_freq_factor');
  const high = need(spec, 'high_freq_factor');
  const original = spec.parameters.original_max_position_embeddings ?? spec.maxLength;
  const frequencies = inverseFrequencies(spec.theta, spec.headDim).map((frequency) => {
    const wavelength = f32((2 * Math.PI) / frequency);
    if (wavelength < original / high) return frequency;
    if (wavelength > original / low) return frequency / factor;
    const smooth = f32(f32(f32(original / wavelength) - low) / (high - low));
    return f32(f32(f32(1 - smooth) * frequency) / factor) + f32(smooth * frequency);
  });
  return { frequencies, scale: 1 };
}

/** Interpolates what turns seldom, extrapolates what turns often, with a ramp in between; Peng et al. 2023, arXiv:2309.00071. */
function yarn(spec: RopeSpec): Scaled {
  const { parameters, headDim, theta, maxLength } = spec;
  const original = parameters.original_max_position_embeddings ?? maxLength;
  const factor = parameters.factor ?? maxLength / original;
  const bound = (rotations: number) => (headDim * Math.log(original / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const whole = parameters.truncate ?? true;
  const slow = bound(parameters.beta_fast || 32);
  const fast = bound(parameters.beta_slow || 1);
  const from = Math.max(whole ? Math.floor(slow) : slow, 0);
  const to = Math.min(whole ? Math.ceil(fast) : fast, headDim - 1);
  const span = from === to ? 0.001 : to - from;
  const frequencies = wavelengths(theta, headDim).map((wavelength, i) => {
    const keep = f32(1 - Math.min(Math.max(f32(f32(i - from) / span), 0), 1));
    return f32(f32(1 / f32(factor * wavelength)) * f32(1 - keep)) + f32(f32(1 / wavelength) * keep);
  });
  return { frequencies, scale: yarnScale(parameters, factor) };
}

function yarnScale({ attention_factor, mscale, mscale_all_dim }: RopeParameters, factor: number): number {
  if (attention_factor != null) return attention_factor;
  const scale = (by: number) => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1);
  return mscale && mscale_all_dim ? scale(mscale) / scale(mscale_all_dim) : scale(1);
}

function inverseFrequencies(theta: number, headDim: number): Float32Array {
  return wavelengths(theta, headDim).map((wavelength) => 1 / wavelength);
}

/** theta^(2i/d): the period of pair i in radians, f32 `[d / 2]`. */
function wavelengths(theta: number, headDim: number): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => f32(theta) ** f32((2 * i) / headDim));
}

function need(spec: RopeSpec, key: 'factor' | 'low_freq_factor' | 'high_freq_factor'): number {
  const value = spec.parameters[key];
  if (value == null) throw new SecateurError('BAD_CHECKPOINT', `config.json: rope_parameters lacks ${key}`);
  return value;
}

const f32 = Math.fround;
