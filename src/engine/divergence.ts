/** How far one set of predictions is from another, a slice of the vocabulary at a time, without cancellation. */

import { createMatrix, type Matrix } from '../tensor/matrix.ts';

/** What one slice of the vocabulary knows of the dense predictions at every position. */
export interface DenseSlice {
  /** f32 `[T, C]`. */
  readonly logits: Matrix;
  /** Shares of the tokens among those of the slice, f32 `[T, C]`. */
  readonly shares: Matrix;
  /** What rounding has made of their sum, f64 `[T]`. */
  readonly wholes: Float64Array;
  /** log Σ exp over the slice, f64 `[T]`. */
  readonly logTotals: Float64Array;
}

/** What one slice knows of the difference δ of logits, trial minus dense, at every position. */
export interface SliceShift {
  /** E[δ] under the dense shares, f64 `[T]`. */
  readonly means: Float64Array;
  /** E[exp(δ − E[δ])] − 1, never negative, f64 `[T]`. */
  readonly excesses: Float64Array;
}

export function denseSlice(logits: Matrix): DenseSlice {
  const { rows, cols, data } = logits;
  const shares = createMatrix(rows, cols);
  const [logTotals, wholes] = [new Float64Array(rows), new Float64Array(rows)];
  for (let t = 0; t < rows; t++) {
    const row = data.subarray(t * cols, (t + 1) * cols);
    const own = shares.data.subarray(t * cols, (t + 1) * cols);
    let top = Number.NEGATIVE_INFINITY;
    for (let v = 0; v < cols; v++) if (row[v] > top) top = row[v];
    let [total, whole] = [0, 0];
    for (let v = 0; v < cols; v++) {
      const share = Math.exp(row[v] - top);
      own[v] = share;
      total += share;
    }
    for (let v = 0; v < cols; v++) {
      own[v] /= total;
      whole += own[v];
    }
    wholes[t] = whole;
    logTotals[t] = top + Math.log(total);
  }
  return { logits, shares, wholes, logTotals };
}

/** @param logits  the trial's, f32 `[T, C]` */
export function sliceShift(dense: DenseSlice, logits: Float32Array): SliceShift {
  const { rows, cols } = dense.logits;
  const [means, excesses] = [new Float64Array(rows), new Float64Array(rows)];
  for (let t = 0; t < rows; t++) {
    const [from, to] = [t * cols, (t + 1) * cols];
    const [before, after, shares] = [dense.logits.data.subarray(from, to), logits.subarray(from, to), dense.shares.data.subarray(from, to)];
    means[t] = meanDifference(before, after, shares) / dense.wholes[t];
    excesses[t] = excess(before, after, shares, means[t]) / dense.wholes[t];
  }
  return { means, excesses };
}

/**
 * KL divergence of the trial's prediction from the dense one's at one position, and how much more its log Σ exp is.
 *
 * With p the dense prediction, KL = log E_p[exp(δ − E_p[δ])]. Written as log(1 + E_p[exp(x) − 1 − x]), x = δ − E_p[δ], every term is
 * positive, and nothing cancels however near the two are; slices are put together in the same way.
 *
 * @param logTotals  of the dense slices
 */
export function joinSlices(
  logTotals: readonly number[],
  slices: readonly { readonly mean: number; readonly excess: number }[],
): { readonly kl: number; readonly logTotal: number } {
  const top = Math.max(...logTotals);
  const weights = logTotals.map((value) => Math.exp(value - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = slices.reduce((sum, slice, k) => sum + (weights[k] / total) * slice.mean, 0);
  const whole = slices.reduce((sum, slice, k) => {
    const x = slice.mean - mean;
    return sum + (weights[k] / total) * (beyondLinear(x) + Math.exp(x) * slice.excess);
  }, 0);
  const kl = Math.log1p(whole);
  return { kl, logTotal: mean + kl };
}

/** Four sums side by side take half the time of one, whose every addition waits for the one before. */
function meanDifference(before: Float32Array, after: Float32Array, shares: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let v = 0;
  for (; v + 3 < shares.length; v += 4) {
    a += shares[v] * (after[v] - before[v]);
    b += shares[v + 1] * (after[v + 1] - before[v + 1]);
    c += shares[v + 2] * (after[v + 2] - before[v + 2]);
    d += shares[v + 3] * (after[v + 3] - before[v + 3]);
  }
  for (; v < shares.length; v++) a += shares[v] * (after[v] - before[v]);
  return a + b + c + d;
}

function excess(before: Float32Array, after: Float32Array, shares: Float32Array, mean: number): number {
  let sum = 0;
  for (let v = 0; v < shares.length; v++) sum += shares[v] * beyondLinear(after[v] - before[v] - mean);
  return sum;
}

/** exp(x) − 1 − x, to full precision for small x as well; up to 2, in less than half the time that an exponential takes. */
function beyondLinear(x: number): number {
  if (!(x < 2 && x > -2)) return Math.exp(x) - 1 - x;
  const z = x / 8;
  return doubled(doubled(doubled(series(z), z), 2 * z), 4 * z);
}

/** The same by its series, for x up to 0.25. */
function series(x: number): number {
  const y = x * x;
  return y * (1 / 2 + x * (1 / 6) + y * (1 / 24 + x * (1 / 120) + y * (1 / 720 + x * (1 / 5040) + y * (1 / 40320))));
}

/** exp(2x) − 1 − 2x from e = exp(x) − 1 − x. */
function doubled(e: number, x: number): number {
  const grown = e + x;
  return 2 * e + grown * grown;
}
