/** Heavy tails: a matrix minds pruning by how slowly the large end of its spectrum falls off. */

import * as v from 'valibot';
import { symmetricEigenvalues } from '../../tensor/eigenvalues.ts';
import { smallGram } from '../../tensor/small-gram.ts';
import { defineBlockMeasure, eachLinear } from '../measure.ts';

/**
 *     1 / (α - 1) = mean of ln(λ / λ_min) over the tail λ >= λ_min
 *
 * with λ the eigenvalues of WᵀW and α the exponent of the power law that fits their tail best. A well trained matrix has a small α; what
 * is given rises as α falls, so that larger means more sensitive. The tail begins
 * - at the median; or
 * - near the peak of the histogram of log λ, where the power law fits best by the distance of Kolmogorov and Smirnov. The published code
 *   looks down from 1.5 times the peak with a lower bound that compares a logarithm with λ itself, so that mostly there is none; here it
 *   looks from 0.95 to 1.5 times the peak.
 *
 * All in f64, since the smallest eigenvalues decide where the histogram's bins lie.
 *
 * @returns  0 where there is no tail: all eigenvalues are one, or none is above rounding
 * @see      Lu et al. 2024, "AlphaPruning", arXiv:2410.10912
 */
export const alpha = defineBlockMeasure({
  title: 'Heavy tails',
  summary: 'Fits a power law to the spectrum of each matrix; the heavier its tail, the better the matrix is trained. No text is read.',
  formula: '1 / (α - 1), α = 1 + n / Σ_tail ln(λ / λ_min), λ = eigenvalues of WᵀW',
  paper: 'arXiv:2410.10912',
  gives: 'value',
  unit: '1 / (α - 1)',
  scope: 'block',
  needs: [],
  options: v.strictObject({
    xmin: v.optional(
      v.pipe(
        v.picklist(['median', 'peak']),
        v.description('Where the tail begins: at the median of the spectrum, or where a power law fits best near its peak.'),
      ),
      'peak',
    ),
  }),
  measureBlock: eachLinear(({ weight }, { xmin }: { xmin: 'median' | 'peak' }) => {
    const { n, lower } = smallGram(weight);
    const spectrum = aboveRounding(symmetricEigenvalues(lower, n));
    if (spectrum.length === 0) return { value: 0 };
    const tails = tailsOf(spectrum);
    const median = Math.max(spectrum.length - Math.ceil(n / 2), 0);
    return { value: tails[xmin === 'median' ? median : bestStart(spectrum, tails)] };
  }),
});

/** Without those that rounding may have made of a 0. */
function aboveRounding(ascending: Float64Array): Float64Array {
  const least = ascending[ascending.length - 1] * ascending.length * Number.EPSILON;
  return ascending.filter((value) => value > least);
}

/** Of the tail from each eigenvalue on, the mean of ln(λ / λ_min). */
function tailsOf(spectrum: Float64Array): Float64Array {
  const tails = new Float64Array(spectrum.length);
  let sum = 0;
  for (let i = spectrum.length - 1; i >= 0; i--) {
    sum += Math.log(spectrum[i]);
    tails[i] = Math.max(sum / (spectrum.length - i) - Math.log(spectrum[i]), 0);
  }
  return tails;
}

const nBins = 100;

/** Of the eigenvalues near the peak the one from which on a power law fits best. */
function bestStart(spectrum: Float64Array, tails: Float64Array): number {
  const peak = peakOf(spectrum);
  let [best, bestDistance] = [spectrum.findIndex((value) => value >= peak), Number.POSITIVE_INFINITY];
  for (let i = 0; i < spectrum.length - 1; i++) {
    if (spectrum[i] < 0.95 * peak || spectrum[i] > 1.5 * peak || tails[i] === 0) continue;
    const distance = distanceFrom(spectrum, i, 1 / tails[i]);
    if (distance < bestDistance) [best, bestDistance] = [i, distance];
  }
  return best;
}

/** Where the fullest bin of log λ begins. */
function peakOf(spectrum: Float64Array): number {
  const [low, high] = [Math.log(spectrum[0]), Math.log(spectrum[spectrum.length - 1])];
  const counts = new Uint32Array(nBins);
  for (const value of spectrum) counts[Math.min(Math.floor((nBins * (Math.log(value) - low)) / (high - low || 1)), nBins - 1)]++;
  const fullest = counts.reduce((best, count, bin) => (count > counts[best] ? bin : best), 0);
  return fullest === 0 ? spectrum[0] : Math.exp(low + (fullest * (high - low)) / nBins);
}

/** The largest difference between the tail's own distribution and the power law (λ / λ_min)^-exponent. */
function distanceFrom(spectrum: Float64Array, start: number, exponent: number): number {
  const n = spectrum.length - start;
  let most = 0;
  for (let k = 0; k < n; k++) {
    const model = 1 - (spectrum[start + k] / spectrum[start]) ** -exponent;
    most = Math.max(most, Math.abs(model - k / n));
  }
  return most;
}
