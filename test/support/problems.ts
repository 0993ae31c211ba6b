/** Small random linears with correlated inputs of very different loudness, as those of a language model are. */

import type { Target } from '../../src/methods/solver.ts';
import type { LinearStatistics, Statistics } from '../../src/methods/statistics.ts';
import { multiply, transpose } from '../../src/tensor/linalg.ts';
import type { Mask, Matrix } from '../../src/tensor/matrix.ts';
import { createRandom, type Random } from '../../src/tensor/random.ts';

export interface Problem {
  readonly label: string;
  readonly seed: number;
  readonly weight: Matrix;
  readonly stats: LinearStatistics;
}

/** X = Z·A with A a random mixture whose columns are scaled by e^N(0,1); four times as many tokens as inputs. */
export function makeProblem(seed: number, nOutputs: number, nInputs: number): Problem {
  const random = createRandom(seed);
  const normal = (rows: number, cols: number) => ({
    rows,
    cols,
    data: Float64Array.from({ length: rows * cols }, () => random.gaussian()),
  });
  const loudness = Float64Array.from({ length: nInputs }, () => Math.exp(random.gaussian()));
  const mixture = normal(nInputs, nInputs);
  for (let i = 0; i < mixture.data.length; i++) mixture.data[i] *= loudness[i % nInputs];
  const inputs = multiply(normal(4 * nInputs, nInputs), mixture);
  const gram = multiply(transpose(inputs), inputs);
  const weight = { rows: nOutputs, cols: nInputs, data: Float32Array.from({ length: nOutputs * nInputs }, () => random.gaussian()) };
  const stats = statisticsOf({ ...gram, data: Float32Array.from(gram.data) });
  return { label: `seed ${seed}, ${nOutputs} x ${nInputs}`, seed, weight, stats: { ...stats, ...makeGradients(seed, weight, stats) } };
}

/** Of uncorrelated losses: louder where the input is, and small beside it, as those of models are. */
function makeGradients(
  seed: number,
  { rows, cols }: Matrix,
  { norms }: Statistics,
): Pick<LinearStatistics, 'lossGradient' | 'blockGradient'> {
  const random = createRandom(5000 + seed);
  const make = () => ({
    rows,
    cols,
    data: Float32Array.from({ length: rows * cols }, (_, at) => 0.01 * norms[at % cols] * Math.abs(random.gaussian())),
  });
  return { lossGradient: make(), blockGradient: make() };
}

/** Twenty shapes nobody chose, more inputs than outputs and fewer, and a square one. */
export const problems: readonly Problem[] = Array.from({ length: 21 }, (_, seed) => {
  const random = createRandom(1000 + seed);
  const nInputs = 17 + random.below(60);
  const nOutputs = seed === 20 ? nInputs : 3 + random.below(40);
  return makeProblem(seed, nOutputs, nOutputs === nInputs && seed !== 20 ? nInputs + 1 : nInputs);
});

export function statisticsOf(gram: Matrix): Statistics {
  return { gram, norms: Float32Array.from({ length: gram.rows }, (_, j) => Math.sqrt(gram.data[j * gram.rows + j])), windows: 4 };
}

/** The same linear with other inputs: `order[j]` says which of the old ones stands at j; those left out are gone. */
export function takeInputs({ label, seed, weight, stats }: Problem, order: readonly number[]): Problem {
  const n = order.length;
  const data = new Float32Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) data[i * n + j] = stats.gram.data[order[i] * weight.cols + order[j]];
  return {
    label,
    seed,
    weight: takeColumns(weight, order),
    stats: {
      ...statisticsOf({ rows: n, cols: n, data }),
      lossGradient: takeColumns(stats.lossGradient, order),
      blockGradient: takeColumns(stats.blockGradient, order),
    },
  };
}

export function takeColumns(matrix: Matrix, order: readonly number[]): Matrix {
  const data = new Float32Array(matrix.rows * order.length);
  for (let i = 0; i < matrix.rows; i++)
    for (const [j, from] of order.entries()) data[i * order.length + j] = matrix.data[i * matrix.cols + from];
  return { rows: matrix.rows, cols: order.length, data };
}

/** The same linear with an input that calibration never saw. */
export function killInput({ label, seed, weight, stats: { gram, lossGradient, blockGradient } }: Problem, dead: number): Problem {
  const n = gram.rows;
  const data = gram.data.map((value, at) => (at % n === dead || Math.floor(at / n) === dead ? 0 : value));
  const quiet = (gradient: Matrix) => ({ ...gradient, data: gradient.data.map((value, at) => (at % n === dead ? 0 : value)) });
  const gradients = { lossGradient: quiet(lossGradient), blockGradient: quiet(blockGradient) };
  return { label: `${label}, input ${dead} dead`, seed, weight, stats: { ...statisticsOf({ ...gram, data }), ...gradients } };
}

/**
 * The same linear, of whose weights about this share is zero, of either sign, and as unevenly as can be: each row and each input has a
 * share of its own, the second row hardly any and the last one hardly any but zeros.
 */
export function withZeros({ label, seed, weight, stats }: Problem, share: number): Problem {
  const { rows, cols, data } = weight;
  const random = createRandom(9000 + seed);
  const [ofRow, ofColumn] = [rows, cols].map((n) => Float64Array.from({ length: n }, () => random.uniform()));
  ofRow[1 % rows] = -1;
  ofRow[rows - 1] = 2;
  const sparse = data.map((value, at) => {
    const isZero = random.uniform() < share * (ofRow[Math.floor(at / cols)] + ofColumn[at % cols]);
    return isZero ? (random.below(2) ? 0 : -0) : value;
  });
  return { label: `${label}, ${Math.round(100 * share)} % zero`, seed, weight: { rows, cols, data: sparse }, stats };
}

/** What there is of zeros already, and this share of the other weights on top. */
export function zerosOnTop(share: number, { data }: Matrix): Target & { zeros: number } {
  const present = countZeros(data);
  return { zeros: present + Math.round(share * (data.length - present)) };
}

export function scaleGram({ label, seed, weight, stats }: Problem, factor: number): Problem {
  return {
    label: `${label}, gram x ${factor}`,
    seed,
    weight,
    stats: { ...stats, ...statisticsOf({ ...stats.gram, data: stats.gram.data.map((value) => value * factor) }) },
  };
}

/** As if every input had been independent of the others. */
export function makeDiagonal({ label, seed, weight, stats }: Problem): Problem {
  const { gram } = stats;
  const data = gram.data.map((value, at) => (at % gram.cols === Math.floor(at / gram.cols) ? value : 0));
  return { label: `${label}, diagonal`, seed, weight, stats: { ...stats, ...statisticsOf({ ...gram, data }) } };
}

export function shuffled(n: number, random: Random): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

export function randomMask({ rows, cols }: Matrix, sparsity: number, random: Random): Mask {
  return { rows, cols, data: Uint8Array.from({ length: rows * cols }, () => (random.uniform() < sparsity ? 0 : 1)) };
}

export function masked(weight: Matrix, mask: Mask): Matrix {
  return { ...weight, data: weight.data.map((value, i) => (mask.data[i] ? value : 0)) };
}

export function countZeros(data: ArrayLike<number>): number {
  return Array.from(data).filter((value) => value === 0).length;
}

export function zerosAt(sparsity: number, { rows, cols }: Matrix): Target & { zeros: number } {
  return { zeros: Math.round(sparsity * rows * cols) };
}
