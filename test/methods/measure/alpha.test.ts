import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint.ts';
import { alpha } from '../../../src/methods/measure/alpha.ts';
import { createMatrix, type Matrix } from '../../../src/tensor/matrix.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { blockOf } from '../../support/blocks.ts';
import { tensorValues } from '../../support/checkpoints.ts';
import { singleAlgebra } from '../../support/plain-algebra.ts';
import { statisticsOf } from '../../support/problems.ts';
import { sample } from '../../support/runs.ts';

const stats = statisticsOf(createMatrix(0, 0));

async function heavinessOf(weight: Matrix, xmin: 'median' | 'peak'): Promise<number> {
  const [found] = await alpha.measureBlock(blockOf({ weight, stats, damping: 0.01, algebra: singleAlgebra }), { xmin });
  if (!found || !('value' in found)) throw new Error('no value');
  return found.value;
}

const exponentOf = async (weight: Matrix, xmin: 'median' | 'peak') => 1 + 1 / (await heavinessOf(weight, xmin));

/** Wide, with these eigenvalues of WWᵀ, the rows turned pair by pair so that it is not diagonal. */
function withSpectrum(eigenvalues: readonly number[], seed: number): Matrix {
  const n = eigenvalues.length;
  const weight = createMatrix(n, n + 3);
  for (const [i, value] of eigenvalues.entries()) weight.data[i * (n + 3) + i] = Math.sqrt(value);
  const random = createRandom(seed);
  for (let pair = 0; pair < 2 * n; pair++) {
    const [a, b] = [random.below(n), random.below(n)];
    if (a === b) continue;
    const angle = random.uniform() * 6;
    for (let j = 0; j < n + 3; j++) {
      const [x, y] = [weight.data[a * (n + 3) + j]!, weight.data[b * (n + 3) + j]!];
      weight.data[a * (n + 3) + j] = x * Math.cos(angle) - y * Math.sin(angle);
      weight.data[b * (n + 3) + j] = x * Math.sin(angle) + y * Math.cos(angle);
    }
  }
  return weight;
}

/** The quantiles of a Pareto distribution of density ~ x^-exponent, from 1 on. */
const pareto = (exponent: number, n: number) => Array.from({ length: n }, (_, i) => ((i + 0.5) / n) ** (-1 / (exponent - 1)));

function gaussian(rows: number, cols: number, seed: number): Matrix {
  const random = createRandom(seed);
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => random.gaussian()) };
}

const transposed = ({ rows, cols, data }: Matrix): Matrix => ({
  rows: cols,
  cols: rows,
  data: Float32Array.from(data, (_, at) => data[(at % rows) * cols + Math.floor(at / rows)]!),
});

describe('alpha', () => {
  test.each([2, 2.5, 3.5, 5])('recovers the exponent %d of a Pareto distribution', async (exponent) => {
    const weight = withSpectrum(pareto(exponent, 200), 1);
    for (const xmin of ['median', 'peak'] as const) expect(Math.abs((await exponentOf(weight, xmin)) / exponent - 1)).toBeLessThan(0.05);
  });

  test('finds the tail alone above a bulk that is none of it', async () => {
    const bulk = Array.from({ length: 120 }, (_, i) => 0.4 + (0.5 * i) / 120);
    const weight = withSpectrum([...bulk, ...pareto(2.5, 120)], 2);
    expect(Math.abs((await exponentOf(weight, 'median')) / 2.5 - 1)).toBeLessThan(0.05);
  });

  test('is the mean logarithm above the median, of a spectrum that is known', async () => {
    const spectrum = [1, 2, 3, 5, 8, 13, 21];
    const tail = spectrum.slice(3);
    const expected = tail.reduce((sum, value) => sum + Math.log(value / 5), 0) / tail.length;
    expect(await heavinessOf(withSpectrum(spectrum, 3), 'median')).toBeCloseTo(expected, 5);
  });

  test.each(['median', 'peak'] as const)('does not depend on the scale of the weight, nor on which side is longer (%s)', async (xmin) => {
    const weight = gaussian(40, 64, 4);
    const value = await heavinessOf(weight, xmin);
    expect(value).toBeGreaterThan(0);
    for (const factor of [2 ** -12, 2 ** 9])
      expect(await heavinessOf({ ...weight, data: weight.data.map((w) => factor * w) }, xmin)).toBeCloseTo(value, 12);
    expect(await heavinessOf(transposed(weight), xmin)).toBeCloseTo(value, 4);
  });

  test('is larger where the tail is heavier', async () => {
    const values = await Promise.all([5, 3, 2].map((exponent) => heavinessOf(withSpectrum(pareto(exponent, 100), 5), 'peak')));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  });

  test.each(['median', 'peak'] as const)('leaves out what is only rounding in a matrix of low rank (%s)', async (xmin) => {
    const spectrum = pareto(2.5, 60);
    const low = withSpectrum([...spectrum, ...new Array<number>(20).fill(0)], 6);
    const value = await heavinessOf(low, xmin);
    if (xmin === 'peak') expect(value).toBeCloseTo(await heavinessOf(withSpectrum(spectrum, 7), xmin), 3);
    expect(Math.abs((1 + 1 / value) / 2.5 - 1)).toBeLessThan(0.06);
  });

  test.each(['median', 'peak'] as const)('is 0 where there is no tail (%s)', async (xmin) => {
    expect(await heavinessOf(createMatrix(5, 8), xmin)).toBe(0);
    expect(await heavinessOf(gaussian(1, 8, 1), xmin)).toBe(0);
    expect(await heavinessOf(withSpectrum(new Array<number>(6).fill(4), 8), xmin)).toBeLessThan(1e-6);
  });

  test('gives the exponents that singular values give, for every matrix of the sample', async () => {
    const url = new URL('../../reference/spectra.json', import.meta.url);
    const { exponents } = JSON.parse(readFileSync(url, 'utf8')) as { exponents: Record<string, Record<'median' | 'peak', number>> };
    const checkpoint = await openCheckpoint(sample);
    expect(checkpoint.linears.map(({ tensor }) => tensor).toSorted()).toEqual(Object.keys(exponents));
    for (const { tensor, out, in: width } of checkpoint.linears) {
      const weight = { rows: out, cols: width, data: tensorValues(checkpoint, tensor) };
      for (const xmin of ['median', 'peak'] as const)
        expect(Math.abs((await exponentOf(weight, xmin)) / exponents[tensor]![xmin] - 1), `${tensor} ${xmin}`).toBeLessThan(1e-9);
    }
  });
});
