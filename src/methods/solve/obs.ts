/** OBS column sweep: takes the pruned weights of one column out after another, and lets the columns to the right make up for it. */

import * as v from 'valibot';
import { SecateurError } from '../../error.ts';
import type { InverseFactor } from '../../tensor/cholesky.ts';
import { createMatrix, type Mask, type Matrix } from '../../tensor/matrix.ts';
import { countZeros, markGroup, markSmallest, shareEvenly } from '../../tensor/select.ts';
import type { Algebra } from '../algebra.ts';
import { refuseOtherWidth } from '../nm.ts';
import { defineSolver, type MaskChoice } from '../solver.ts';
import { refuseOtherGram } from '../statistics.ts';

/** Columns that are looped over before the rest of their block is updated by a product. */
const stripWidth = 32;

/**
 * For column i, `e = W[:,i] / U[i,i]` where W is pruned and 0 elsewhere; then `W[:,k] -= e · U[i,k]` for all k > i.
 *
 * With E the matrix of all e, `W − V = E·U`, and the squares of a row of E add up to that row's error in H + λI. Columns within a
 * strip are updated at once, the rest of the block after each strip and all columns to the right after each block, by products. A
 * mask that is not given is chosen block by block, from the weights as updated so far: the lowest W²·c of a block and all rows,
 * blocks sharing the zeros by their width and the zeros they have; with n:m group by group. Weights that are zero in the source all
 * go, whatever updates made of them; inputs never seen go next and are never updated.
 *
 * @throws  `BAD_RECIPE` when blocks cannot be cut into whole n:m groups, `NOT_POSITIVE_DEFINITE` when no damping helps; `RangeError`
 *          when fewer zeros are asked for than there are
 * @see     Frantar and Alistarh 2023, "SparseGPT", arXiv:2301.00774, algorithm 1
 */
export const obs = defineSolver({
  title: 'OBS column sweep',
  summary: 'Prunes column by column and lets the remaining columns make up for each loss at once, as SparseGPT does.',
  formula: 'e = W_:i / U_ii on pruned entries; W_:k −= e · U_ik for k > i; (H + λI)⁻¹ = UᵀU',
  paper: 'arXiv:2301.00774',
  needs: ['gram'],
  scope: 'linear',
  choosesMask: true,
  options: v.strictObject({
    blockSize: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(4096),
        v.description(
          'Columns whose mask is chosen together, and after which all columns to the right are updated. Smaller blocks choose from fresher weights and take longer; with n:m a multiple of m.',
        ),
      ),
      128,
    ),
  }),
  async solve({ name, weight, choice, stats, damping, algebra }, { blockSize }) {
    refuseOtherGram('obs', stats.gram, weight.cols);
    const factor = await algebra.inverseFactor(stats.gram, damping);
    const columns = transposed(weight);
    const chooser = makeChooser(choice, columns, factor, { name, blockSize });
    await sweep(columns, factor.factor, chooser, blockSize, algebra);
    const kept = new Uint8Array(weight.rows * weight.cols);
    transposeInto(chooser.kept, columns.rows, columns.cols, kept);
    return { weight: transposed(columns), mask: { rows: weight.rows, cols: weight.cols, data: kept }, damping: factor.damping };
  },
});

/** Says which weights stay, at the latest moment it can. Weights and mask lie column after column, `[in, out]`. */
interface Chooser {
  /** Of columns not reached yet: a given mask, or which weights are not zero in the source. */
  readonly kept: Uint8Array;
  /** Columns of a strip at most: groups of n:m must not straddle strips. */
  readonly stripWidth: number;
  readonly beforeBlock: (start: number, end: number) => void;
  readonly beforeColumn: (column: number) => void;
}

function makeChooser(choice: MaskChoice, columns: Matrix, factor: InverseFactor, options: { name: string; blockSize: number }): Chooser {
  if ('mask' in choice) return givenChooser(choice.mask);
  const weights = choice.columnWeights(factor.hessianDiagonal, factor.diagonal);
  // The root of W²·c has the same order and neither overflows nor underflows in f32.
  const roots = weights.map((value, j) => (factor.dead[j] ? 0 : Math.sqrt(value)));
  if ('n' in choice.target) return patternChooser(choice.target, columns, roots, options);
  return countChooser(choice.target.zeros, columns, roots, options.blockSize);
}

function givenChooser({ rows, cols, data }: Mask): Chooser {
  const kept = new Uint8Array(data.length);
  transposeInto(data, rows, cols, kept);
  return { kept, stripWidth, beforeBlock: () => {}, beforeColumn: () => {} };
}

function countChooser(zeros: number, columns: Matrix, roots: Float64Array, blockSize: number): Chooser {
  const { rows: nInputs, cols: nOutputs } = columns;
  const kept = nonzeros(columns);
  const nBlocks = Math.ceil(nInputs / blockSize);
  const sizes = Array.from({ length: nBlocks }, (_, b) => (Math.min((b + 1) * blockSize, nInputs) - b * blockSize) * nOutputs);
  const quotas = shareEvenly(zeros, sizes, countZeros(kept, sizes));
  const beforeBlock = (start: number, end: number) => {
    const block = kept.subarray(start * nOutputs, end * nOutputs);
    markSmallest(scoreColumns(rowsOf(columns, start, end), roots.subarray(start, end), block), quotas[start / blockSize], block);
  };
  return { kept, stripWidth, beforeBlock, beforeColumn: () => {} };
}

function patternChooser(
  pattern: { n: number; m: number },
  columns: Matrix,
  roots: Float64Array,
  { name, blockSize }: { name: string; blockSize: number },
): Chooser {
  const { n, m } = pattern;
  const { rows: nInputs, cols: nOutputs } = columns;
  refuseOtherWidth(pattern, nInputs);
  if (blockSize % m !== 0)
    throw new SecateurError(
      'BAD_RECIPE',
      `${name}: blockSize ${blockSize} is not a multiple of ${m}, as ${n}:${m} needs`,
      `Set blockSize to a multiple of ${m}.`,
    );
  const kept = nonzeros(columns);
  const beforeColumn = (column: number) => {
    if (column % m !== 0) return;
    const group = kept.subarray(column * nOutputs, (column + m) * nOutputs);
    const scores = scoreColumns(rowsOf(columns, column, column + m), roots.subarray(column, column + m), group);
    for (let row = 0; row < nOutputs; row++) markGroup(scores, pattern, group, row, nOutputs);
  };
  return { kept, stripWidth: m < stripWidth ? stripWidth - (stripWidth % m) : m, beforeBlock: () => {}, beforeColumn };
}

function nonzeros({ data }: Matrix): Uint8Array {
  const flags = new Uint8Array(data.length);
  for (let i = 0; i < flags.length; i++) flags[i] = data[i] === 0 ? 0 : 1;
  return flags;
}

/** |W|·√c, and -Infinity, which nothing is below, for what `mayStay` forbids. */
function scoreColumns({ rows: nColumns, cols: nOutputs, data }: Matrix, roots: Float64Array, mayStay: Uint8Array): Float32Array {
  const scores = new Float32Array(data.length);
  for (let j = 0, at = 0; j < nColumns; j++)
    for (let row = 0; row < nOutputs; row++, at++) scores[at] = mayStay[at] ? Math.abs(data[at]) * roots[j] : Number.NEGATIVE_INFINITY;
  return scores;
}

/** Changes the weights in place; columns that lost nothing but zeros change nothing to their right, not even the sign of a zero. */
async function sweep(columns: Matrix, factor: Matrix, chooser: Chooser, blockSize: number, { gemm }: Algebra): Promise<void> {
  const nInputs = columns.rows;
  for (let start = 0; start < nInputs; start += blockSize) {
    const end = Math.min(start + blockSize, nInputs);
    chooser.beforeBlock(start, end);
    const errors = createMatrix(end - start, columns.cols);
    let changed = false;
    for (let strip = start; strip < end; strip += chooser.stripWidth) {
      const stripEnd = Math.min(strip + chooser.stripWidth, end);
      const stripErrors = rowsOf(errors, strip - start, stripEnd - start);
      if (!sweepStrip(columns, factor, chooser, strip, stripEnd, stripErrors.data)) continue;
      changed = true;
      if (stripEnd < end)
        await gemm(tile(factor, strip, stripEnd, stripEnd, end), stripErrors, rowsOf(columns, stripEnd, end), {
          transA: true,
          alpha: -1,
          beta: 1,
        });
    }
    if (changed && end < nInputs)
      await gemm(tile(factor, start, end, end, nInputs), errors, rowsOf(columns, end, nInputs), { transA: true, alpha: -1, beta: 1 });
  }
}

/** Sweeps the columns [start, end) and says whether anything but zeros was pruned; `errors` is f32 `[end - start, out]`, all 0 before. */
function sweepStrip(columns: Matrix, factor: Matrix, chooser: Chooser, start: number, end: number, errors: Float32Array): boolean {
  const { rows: nInputs, cols: nOutputs, data } = columns;
  let changed = false;
  for (let i = start; i < end; i++) {
    chooser.beforeColumn(i);
    const error = errors.subarray((i - start) * nOutputs, (i - start + 1) * nOutputs);
    if (!takeOut(data, chooser.kept, i * nOutputs, factor.data[i * nInputs + i], error)) continue;
    changed = true;
    for (let k = i + 1; k < end; k++) {
      const column = data.subarray(k * nOutputs, (k + 1) * nOutputs);
      const u = factor.data[i * nInputs + k];
      if (u !== 0) for (let row = 0; row < nOutputs; row++) column[row] -= error[row] * u;
    }
  }
  return changed;
}

function takeOut(data: Float32Array, kept: Uint8Array, from: number, pivot: number, error: Float32Array): boolean {
  let changed = false;
  for (let row = 0; row < error.length; row++) {
    if (kept[from + row]) continue;
    error[row] = data[from + row] / pivot;
    if (error[row] !== 0) changed = true;
    data[from + row] = 0;
  }
  return changed;
}

/** A copy of factor[top:bottom, left:right]. */
function tile({ cols, data }: Matrix, top: number, bottom: number, left: number, right: number): Matrix {
  const copy = createMatrix(bottom - top, right - left);
  for (let i = top; i < bottom; i++) copy.data.set(data.subarray(i * cols + left, i * cols + right), (i - top) * copy.cols);
  return copy;
}

function rowsOf({ cols, data }: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, cols, data: data.subarray(from * cols, to * cols) };
}

function transposed({ rows, cols, data }: Matrix): Matrix {
  const result = createMatrix(cols, rows);
  transposeInto(data, rows, cols, result.data);
  return result;
}

function transposeInto<T extends Float32Array | Uint8Array>(source: T, rows: number, cols: number, target: T): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) target[j * rows + i] = source[i * cols + j];
}
