/** The rotary positions of a GGUF file as `rope_parameters` of a Hugging Face config. */

import { SecateurError } from '../../error.ts';
import { asDecimal, type GgufFile, getCount, getNumber, getText, need } from './metadata.ts';

export interface RopeParameters {
  readonly rope_type: string;
  readonly rope_theta: number;
  readonly [key: string]: number | string;
}

/**
 * @param headDim  d, rotated dimensions of a head
 * @param factors  `rope_freqs.weight`, `[d / 2]`: what the period of each pair is multiplied with; llama3 scaling is stored so
 * @throws         `UNSUPPORTED` for a scaling that `rope_parameters` cannot express
 */
export function ropeParameters(file: GgufFile, architecture: string, headDim: number, factors: Float32Array | undefined): RopeParameters {
  const key = (name: string) => `${architecture}.rope.${name}`;
  const rope_theta = asDecimal(getNumber(file, key('freq_base')) ?? 10_000);
  const type = getText(file, key('scaling.type')) ?? 'linear';
  const factor = asDecimal(getNumber(file, key('scaling.factor')) ?? getNumber(file, key('scale_linear')) ?? 0) || 1;
  const refuse = (why: string) => new SecateurError('UNSUPPORTED', `${file.label}: ${why}`);

  if (factors && factors.length !== headDim / 2)
    throw refuse(`rope_freqs.weight has ${factors.length} factors for heads of ${headDim} dimensions`);
  if (factors?.some((value) => value !== 1)) {
    if (factor !== 1) throw refuse(`rope_freqs.weight and ${key('scaling.factor')} ${factor} scale rotary positions both`);
    const llama3 = fitLlama3(factors, rope_theta, headDim);
    if (!llama3) throw refuse('rope_freqs.weight is not what llama3 scaling makes for any factor');
    return { rope_type: 'llama3', rope_theta, ...llama3 };
  }
  if (type === 'none' || (type === 'linear' && factor === 1)) return { rope_type: 'default', rope_theta };
  if (type === 'linear') return { rope_type: 'linear', rope_theta, factor };
  if (type !== 'yarn') throw refuse(`${key('scaling.type')} "${type}"`);
  const original = key('scaling.original_context_length');
  const beta = (name: 'beta_fast' | 'beta_slow') => {
    const value = getNumber(file, key(`scaling.yarn_${name}`));
    return value === undefined ? {} : { [name]: asDecimal(value) };
  };
  const original_max_position_embeddings = need(file, original, getCount);
  return { rope_type: 'yarn', rope_theta, factor, original_max_position_embeddings, ...beta('beta_fast'), ...beta('beta_slow') };
}

interface Llama3 {
  readonly factor: number;
  readonly low_freq_factor: number;
  readonly high_freq_factor: number;
  readonly original_max_position_embeddings: number;
}

/**
 * The llama3 scaling that makes these factors: 1 for short periods, `factor` for long ones, and in between 1 / ((1 - s) / factor + s) with
 * s = (original / period - low) / (high - low), which is linear in 1 / period. The three numbers in s are known up to a common multiple
 * only; as in every Llama, low is taken as 1.
 */
function fitLlama3(factors: Float32Array, theta: number, headDim: number): Llama3 | undefined {
  const periods = Array.from(factors, (_, i) => 2 * Math.PI * theta ** ((2 * i) / headDim));
  const factor = asDecimal(Math.max(...factors));
  const published = { factor, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
  return [published, solveLlama3(factors, periods, factor)].find((fit) => fit && isFit(fit, factors, periods));
}

/** Least squares of s over 1 / period. */
function solveLlama3(factors: Float32Array, periods: readonly number[], factor: number): Llama3 | undefined {
  const points = periods
    .map((period, i) => ({ x: 1 / period, s: (1 / factors[i] - 1 / factor) / (1 - 1 / factor) }))
    .filter(({ s }) => s > 1e-6 && s < 1 - 1e-6);
  if (points.length < 2) return undefined;
  const mean = (of: (point: { x: number; s: number }) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, s] = [mean((point) => point.x), mean((point) => point.s)];
  const slope = mean((point) => (point.x - x) * (point.s - s)) / mean((point) => (point.x - x) ** 2);
  const low = slope * x - s;
  return {
    factor,
    low_freq_factor: 1,
    high_freq_factor: Number((1 + 1 / low).toPrecision(5)),
    original_max_position_embeddings: Math.round(slope / low),
  };
}

function isFit(fit: Llama3, factors: Float32Array, periods: readonly number[]): boolean {
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = fit;
  return periods.every((period, i) => {
    const s = Math.min(Math.max((original / period - low) / (high - low), 0), 1);
    return Math.abs(factors[i] * ((1 - s) / factor + s) - 1) < 1e-4;
  });
}
