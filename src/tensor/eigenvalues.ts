/** Eigenvalues of a symmetric matrix, without its vectors: by reflections to three diagonals, and rotations to one. */

/**
 * About 4/3 n³ operations, in f64; with the vectors it would be several times that.
 *
 * @param lower  f64 `[n, n]`, of which only the lower half is read; overwritten
 * @returns      ascending, f64 `[n]`
 * @see          Golub and Van Loan, "Matrix Computations", 8.3: Householder tridiagonalization and implicit QL
 */
export function symmetricEigenvalues(lower: Float64Array, n: number): Float64Array {
  const { diagonal, beside } = tridiagonalize(lower, n);
  return rotateAway(diagonal, beside).sort();
}

/**
 * One reflection I - β v vᵀ a row, from the last row to the first. The matrix is then changed by v wᵀ + w vᵀ; that change is made in the
 * same walk over the rows that finds the next w, so that each step reads the matrix once.
 */
function tridiagonalize(a: Float64Array, n: number): { diagonal: Float64Array; beside: Float64Array } {
  const [diagonal, beside] = [new Float64Array(n), new Float64Array(n)];
  let [v, w, nextV, nextW] = [0, 1, 2, 3].map(() => new Float64Array(n));
  for (let i = n - 1; i > 0; i--) {
    const row = a.subarray(i * n, i * n + i + 1);
    for (let k = 0; k <= i; k++) row[k] -= v[i] * w[k] + w[i] * v[k];
    diagonal[i] = row[i];
    const { offDiagonal, beta } = reflect(row, i, nextV);
    beside[i - 1] = offDiagonal;
    changeAndMultiply(a, n, i, v, w, nextV, nextW);
    let product = 0;
    for (let k = 0; k < i; k++) product += nextV[k] * nextW[k];
    const shift = (beta * beta * product) / 2;
    for (let k = 0; k < i; k++) nextW[k] = beta * nextW[k] - shift * nextV[k];
    [v, w, nextV, nextW] = [nextV, nextW, v, w];
  }
  diagonal[0] = a[0];
  return { diagonal, beside };
}

/** The v and β that take the first `size` entries of x to (0, …, 0, offDiagonal); β is 0 where they are that already. */
function reflect(x: Float64Array, size: number, v: Float64Array): { offDiagonal: number; beta: number } {
  let before = 0;
  for (let k = 0; k < size - 1; k++) {
    v[k] = x[k];
    before += x[k] * x[k];
  }
  const last = x[size - 1];
  v[size - 1] = last;
  if (before === 0) return { offDiagonal: last, beta: 0 };
  const offDiagonal = last > 0 ? -Math.sqrt(before + last * last) : Math.sqrt(before + last * last);
  v[size - 1] = last - offDiagonal;
  return { offDiagonal, beta: 2 / (before + v[size - 1] ** 2) };
}

/** a -= v wᵀ + w vᵀ and product = a·x, over the first `size` rows of a lower half. */
function changeAndMultiply(
  a: Float64Array,
  n: number,
  size: number,
  v: Float64Array,
  w: Float64Array,
  x: Float64Array,
  product: Float64Array,
): void {
  for (let i = 0; i < size; i++) {
    const [at, vi, wi, xi] = [i * n, v[i], w[i], x[i]];
    let sum = 0;
    for (let k = 0; k < i; k++) {
      const value = a[at + k] - vi * w[k] - wi * v[k];
      a[at + k] = value;
      sum += value * x[k];
      product[k] += value * xi;
    }
    a[at + i] -= 2 * vi * wi;
    product[i] = sum + a[at + i] * xi;
  }
}

/** Implicit QL with Wilkinson's shift; the eigenvalues take the place of the diagonal. */
function rotateAway(d: Float64Array, e: Float64Array): Float64Array {
  const n = d.length;
  for (let from = 0; from < n; from++)
    for (let step = 0; ; step++) {
      let to = from;
      while (to < n - 1 && Math.abs(e[to]) > Number.EPSILON * (Math.abs(d[to]) + Math.abs(d[to + 1]))) to++;
      if (to === from) break;
      if (step === 60) throw new RangeError(`eigenvalue ${from} of ${n} was not found in ${step} steps`);
      sweep(d, e, from, to);
    }
  return d;
}

function sweep(d: Float64Array, e: Float64Array, from: number, to: number): void {
  const slope = (d[from + 1] - d[from]) / (2 * e[from]);
  let g = d[to] - d[from] + e[from] / (slope + Math.sign(slope || 1) * Math.hypot(slope, 1));
  let [sine, cosine, p] = [1, 1, 0];
  for (let i = to - 1; i >= from; i--) {
    const [f, b] = [sine * e[i], cosine * e[i]];
    const length = Math.sqrt(f * f + g * g);
    e[i + 1] = length;
    if (length === 0) {
      d[i + 1] -= p;
      e[to] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    g = d[i + 1] - p;
    const turned = (d[i] - g) * sine + 2 * cosine * b;
    p = sine * turned;
    d[i + 1] = g + p;
    g = cosine * turned - b;
  }
  d[from] -= p;
  e[from] = g;
  e[to] = 0;
}
