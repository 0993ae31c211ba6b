/** Reference linear algebra in plain f64 loops: what the fast kernels are tested against. */

export interface Matrix64 {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

export function createMatrix64(rows: number, cols: number): Matrix64 {
  return { rows, cols, data: new Float64Array(rows * cols) };
}

export function toMatrix64(matrix: { rows: number; cols: number; data: ArrayLike<number> }): Matrix64 {
  return { rows: matrix.rows, cols: matrix.cols, data: Float64Array.from(matrix.data) };
}

export function transpose(a: Matrix64): Matrix64 {
  const t = createMatrix64(a.cols, a.rows);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++) t.data[j * a.rows + i] = a.data[i * a.cols + j];
  return t;
}

/** a · b. */
export function multiply(a: Matrix64, b: Matrix64): Matrix64 {
  if (a.cols !== b.rows) throw new RangeError(`cannot multiply [${a.rows}, ${a.cols}] by [${b.rows}, ${b.cols}]`);
  const c = createMatrix64(a.rows, b.cols);
  for (let i = 0; i < a.rows; i++)
    for (let k = 0; k < a.cols; k++) {
      const factor = a.data[i * a.cols + k];
      for (let j = 0; j < b.cols; j++) c.data[i * b.cols + j] += factor * b.data[k * b.cols + j];
    }
  return c;
}

/** Lower L with a = L·Lᵀ; only the lower half of `a` is read. A pivot that is not positive is a `RangeError`. */
export function cholesky(a: Matrix64): Matrix64 {
  const n = a.rows;
  const lower = createMatrix64(n, n);
  const l = lower.data;
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a.data[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i === j && !(sum > 0)) throw new RangeError(`pivot ${i} is ${sum}`);
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j];
    }
  return lower;
}

/** The inverse of a lower triangular matrix. */
export function invertLower(lower: Matrix64): Matrix64 {
  const n = lower.rows;
  const inverse = createMatrix64(n, n);
  const x = inverse.data;
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= lower.data[i * n + k] * x[k * n + j];
      x[i * n + j] = sum / lower.data[i * n + i];
    }
  return inverse;
}

/** The inverse of a symmetric positive definite matrix. */
export function invertSpd(a: Matrix64): Matrix64 {
  const inverse = invertLower(cholesky(a));
  return multiply(transpose(inverse), inverse);
}

/** x with a·x = b, for a symmetric positive definite `a` and b `[n, k]`. */
export function solveSpd(a: Matrix64, b: Matrix64): Matrix64 {
  const inverse = invertLower(cholesky(a));
  return multiply(transpose(inverse), multiply(inverse, b));
}
