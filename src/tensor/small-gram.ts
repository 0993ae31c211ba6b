/** The Gram matrix of the smaller side of a weight, in f64: where the smallest eigenvalues matter, f32 products would drown them. */

import type { Matrix } from './matrix.ts';

/** @returns  the lower half of W·Wᵀ or WᵀW, whichever is smaller, f64 `[n, n]`; the upper half is 0 */
export function smallGram({ rows, cols, data }: Matrix): { readonly n: number; readonly lower: Float64Array } {
  const [n, length] = rows <= cols ? [rows, cols] : [cols, rows];
  const vectors = rows <= cols ? Float64Array.from(data) : transposed(data, rows, cols);
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i += 2) for (let j = 0; j <= i; j += 2) addTile(lower, vectors, n, length, i, j);
  return { n, lower };
}

function transposed(data: Float32Array, rows: number, cols: number): Float64Array {
  const result = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) result[j * rows + i] = data[i * cols + j];
  return result;
}

/** Two rows by two at once: each number that is read is used twice, and four sums do not wait for each other. */
function addTile(lower: Float64Array, vectors: Float64Array, n: number, length: number, i: number, j: number): void {
  // Beyond the last row of an odd number the last one is taken again.
  const [nextI, nextJ] = [Math.min(i + 1, n - 1), Math.min(j + 1, n - 1)];
  const [a, b, c, d] = [i * length, nextI * length, j * length, nextJ * length];
  let ac = 0;
  let ad = 0;
  let bc = 0;
  let bd = 0;
  for (let k = 0; k < length; k++) {
    const x = vectors[a + k];
    const y = vectors[b + k];
    const z = vectors[c + k];
    const w = vectors[d + k];
    ac += x * z;
    ad += x * w;
    bc += y * z;
    bd += y * w;
  }
  lower[i * n + j] = ac;
  lower[nextI * n + j] = bc;
  if (nextJ <= i) lower[i * n + nextJ] = ad;
  lower[nextI * n + nextJ] = bd;
}
