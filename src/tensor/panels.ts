/** Lower Cholesky factorisation and triangular inversion by block columns, the products lent, the rest in f64. */

import type { Gemm } from './gemm.ts';
import { createMatrix, type Matrix } from './matrix.ts';

/**
 * One block column of a lower triangular L: the rows from `start` to n, split into `head + tail`.
 *
 * The head of row i holds the multiples of 2^-11 · s_i, s_i² being the power of four that is not below a[i,i]. As a row of L has
 * the norm √a[i,i], a sum of products of two heads stays below 2^24 units (Cauchy and Schwarz), so f32 gets it exactly right in
 * any order; only products with tails are rounded, and those are 2^12 times smaller. A plain f32 product loses about 1e-7 · cond(a).
 */
export interface Panel {
  readonly start: number;
  readonly width: number;
  readonly head: Matrix;
  readonly tail: Matrix;
  /** The inverse of the diagonal block, lower, f32 `[width, width]`. */
  readonly inverse: Matrix;
}

export interface LowerFactor {
  readonly panels: readonly Panel[];
  /** diag(L), f64 `[n]`. */
  readonly diagonal: Float64Array;
}

/** The pivot that was not positive, or not above what f32 input can tell from zero. */
export interface BadPivot {
  readonly index: number;
  readonly value: number;
}

const panelWidth = 128;
const headBits = 11;
/** The spacing of f32 at 1: a pivot below this share of its diagonal entry is nothing but rounding of the f32 input. */
const pivotFloor = 2 ** -23;

/**
 * Factors a symmetric positive definite `a` of size n into L·Lᵀ.
 *
 * @param entry     a[i,j], asked for i ≥ j only
 * @param diagonal  a[i,i], all positive
 */
export async function factorLower(
  diagonal: Float64Array,
  entry: (i: number, j: number) => number,
  gemm: Gemm,
): Promise<LowerFactor | BadPivot> {
  const n = diagonal.length;
  const units = diagonal.map((value) => 2 ** (Math.ceil(Math.log2(value) / 2) - headBits));
  const panels: Panel[] = [];
  const pivots = new Float64Array(n);
  for (let start = 0; start < n; start += panelWidth) {
    const width = Math.min(panelWidth, n - start);
    const rest = await subtractPanels(panels, start, width, n, entry, gemm);
    const bad = factorBlock(rest, width, diagonal.subarray(start));
    if (bad) return { index: start + bad.index, value: bad.value };
    for (let c = 0; c < width; c++) pivots[start + c] = rest[c * width + c];
    solveBelow(rest, width);
    panels.push({ start, width, ...split(rest, width, units.subarray(start)), inverse: invertBlock(rest, width) });
  }
  return { panels, diagonal: pivots };
}

/** a[start:, start:start+width] less what the panels before explain of it, f64 `[n - start, width]`. */
async function subtractPanels(
  panels: readonly Panel[],
  start: number,
  width: number,
  n: number,
  entry: (i: number, j: number) => number,
  gemm: Gemm,
): Promise<Float64Array> {
  const heads = createMatrix(n - start, width);
  const tails = createMatrix(n - start, width);
  for (const panel of panels) {
    const head = rowsFrom(panel.head, start - panel.start, n - start);
    const tail = rowsFrom(panel.tail, start - panel.start, n - start);
    const headBlock = rowsFrom(head, 0, width);
    const tailBlock = rowsFrom(tail, 0, width);
    const block = { ...headBlock, data: headBlock.data.map((value, i) => value + tailBlock.data[i]) };
    await gemm(head, headBlock, heads, { transB: true, beta: 1 });
    await gemm(head, tailBlock, tails, { transB: true, beta: 1 });
    await gemm(tail, block, tails, { transB: true, beta: 1 });
  }
  const rest = new Float64Array((n - start) * width);
  for (let r = 0; r < n - start; r++)
    for (let c = 0; c < width && c <= r; c++) {
      const at = r * width + c;
      rest[at] = entry(start + r, start + c) - heads.data[at] - tails.data[at];
    }
  return rest;
}

/** Turns the square on top of `rest` into its lower Cholesky factor, in place. */
function factorBlock(rest: Float64Array, width: number, diagonal: Float64Array): BadPivot | undefined {
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) {
      let sum = rest[i * width + j];
      for (let k = 0; k < j; k++) sum -= rest[i * width + k] * rest[j * width + k];
      if (i === j && !(sum > pivotFloor * diagonal[i])) return { index: i, value: sum };
      rest[i * width + j] = i === j ? Math.sqrt(sum) : sum / rest[j * width + j];
    }
  return undefined;
}

/** Solves X·Lᵀ = B for the rows below the square, in place, L being the square; four rows at a time, which is twice as fast. */
function solveBelow(rest: Float64Array, width: number): void {
  const rows = rest.length / width;
  let r = width;
  for (; r + 4 <= rows; r += 4) {
    const a = r * width;
    const b = a + width;
    const c = b + width;
    const d = c + width;
    for (let j = 0; j < width; j++) {
      const row = j * width;
      let sumA = rest[a + j];
      let sumB = rest[b + j];
      let sumC = rest[c + j];
      let sumD = rest[d + j];
      for (let k = 0; k < j; k++) {
        const l = rest[row + k];
        sumA -= rest[a + k] * l;
        sumB -= rest[b + k] * l;
        sumC -= rest[c + k] * l;
        sumD -= rest[d + k] * l;
      }
      const pivot = rest[row + j];
      rest[a + j] = sumA / pivot;
      rest[b + j] = sumB / pivot;
      rest[c + j] = sumC / pivot;
      rest[d + j] = sumD / pivot;
    }
  }
  for (; r < rows; r++)
    for (let j = 0; j < width; j++) {
      let sum = rest[r * width + j];
      for (let k = 0; k < j; k++) sum -= rest[r * width + k] * rest[j * width + k];
      rest[r * width + j] = sum / rest[j * width + j];
    }
}

function split(rest: Float64Array, width: number, units: Float64Array): { head: Matrix; tail: Matrix } {
  const rows = rest.length / width;
  const head = createMatrix(rows, width);
  const tail = createMatrix(rows, width);
  for (let r = 0; r < rows; r++)
    for (let i = r * width; i < (r + 1) * width; i++) {
      head.data[i] = Math.round(rest[i] / units[r]) * units[r];
      tail.data[i] = rest[i] - head.data[i];
    }
  return { head, tail };
}

function invertBlock(rest: Float64Array, width: number): Matrix {
  const x = new Float64Array(width * width);
  for (let j = 0; j < width; j++)
    for (let i = j; i < width; i++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= rest[i * width + k] * x[k * width + j];
      x[i * width + j] = sum / rest[i * width + i];
    }
  return { rows: width, cols: width, data: Float32Array.from(x) };
}

/**
 * The block columns of L⁻¹, f32: column block b holds the rows from its start to n.
 *
 * Row block i of the inverse X is -L[i,i]⁻¹ · (L[i,:i] · X[:i,:]). The products are f32, which costs about 1e-7 · √cond(a).
 */
export async function invertPanels(panels: readonly Panel[], gemm: Gemm): Promise<Matrix[]> {
  const inverses = panels.map(({ head, width }) => createMatrix(head.rows, width));
  for (const [blockIdx, { start, width, inverse }] of panels.entries()) {
    const before = panels.slice(0, blockIdx);
    const left = transposedRows(before, start, width);
    for (const [columnIdx, column] of before.entries()) {
      const nKnown = start - column.start;
      const target = inverses[columnIdx];
      const sums = createMatrix(width, column.width);
      await gemm(rowsFrom(left, column.start, nKnown), rowsFrom(target, 0, nKnown), sums, { transA: true });
      await gemm(inverse, sums, rowsFrom(target, nKnown, width), { alpha: -1 });
    }
    inverses[blockIdx].data.set(inverse.data);
  }
  return inverses;
}

/** L[start:start+width, :start] transposed, f32 `[start, width]`. */
function transposedRows(panels: readonly Panel[], start: number, width: number): Matrix {
  const left = createMatrix(start, width);
  for (const panel of panels)
    for (let r = 0; r < width; r++)
      for (let c = 0; c < panel.width; c++) {
        const at = (start - panel.start + r) * panel.width + c;
        left.data[(panel.start + c) * width + r] = panel.head.data[at] + panel.tail.data[at];
      }
  return left;
}

function rowsFrom(matrix: Matrix, from: number, count: number): Matrix {
  return { rows: count, cols: matrix.cols, data: matrix.data.subarray(from * matrix.cols, (from + count) * matrix.cols) };
}
