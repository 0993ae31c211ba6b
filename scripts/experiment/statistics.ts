/** The few statistics that a page of results needs. */

export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** The mean of the two in the middle where the number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/**
 * The mean of differences between two runs over windows, with its standard error.
 *
 * @param differences  one list a seed, in the order of the windows; seeds are averaged first, since they share the windows
 * @returns            a standard error of 0 where there is one window
 */
export function paired(differences: readonly (readonly number[])[]): Estimate {
  const windows = differences[0].map((_, w) => mean(differences.map((seed) => seed[w])));
  const centre = mean(windows);
  const n = windows.length;
  const variance = windows.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, n - 1);
  return { mean: centre, standardError: Math.sqrt(variance / n) };
}

/** Spearman's rank correlation, ties at their middle rank. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [midRanks(a), midRanks(b)];
  const middle = (a.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) ** 2;
    yy += (y[i] - middle) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

function midRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const same = values.filter((other) => other === value).length;
    return below + (same + 1) / 2;
  });
}
