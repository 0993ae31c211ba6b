/** The algebra that methods are lent, in plain loops: f64 inside, f32 where the interface stores f32. */

import type { Algebra } from '../../src/methods/algebra.ts';
import { type InverseFactor, inverseFactor } from '../../src/tensor/cholesky.ts';
import type { Gemm } from '../../src/tensor/gemm.ts';
import { cholesky, invertSpd, transpose } from '../../src/tensor/linalg.ts';
import type { Matrix } from '../../src/tensor/matrix.ts';
import { dampedHessian, deadInputs } from './reference.ts';

export const plainGemm: Gemm = gemmRoundedBy((x) => x);

/** As a tensor runtime does it: every partial sum is an f32. */
export const singleGemm: Gemm = gemmRoundedBy(Math.fround);

function gemmRoundedBy(round: (x: number) => number): Gemm {
  return async (a, b, c, { transA = false, transB = false, alpha = 1, beta = 0 } = {}) => {
    const [rows, inner] = transA ? [a.cols, a.rows] : [a.rows, a.cols];
    const [innerB, cols] = transB ? [b.cols, b.rows] : [b.rows, b.cols];
    if (inner !== innerB || c.rows !== rows || c.cols !== cols) throw new RangeError('gemm: shapes do not fit');
    for (const { rows, cols, data } of [a, b, c]) if (data.length !== rows * cols) throw new RangeError('gemm: data is not of its shape');
    const left = transA ? transposed(a) : a.data;
    const right = transB ? b.data : transposed(b);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < cols; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum = round(sum + left[i * inner + k] * right[j * inner + k]);
        c.data[i * cols + j] = beta * c.data[i * cols + j] + alpha * sum;
      }
  };
}

function transposed({ rows, cols, data }: Matrix): Float32Array {
  const result = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) result[j * rows + i] = data[i * cols + j];
  return result;
}

/** The factor by another way than the product takes: the inverse, and the Cholesky factor of that, all in f64. */
export const plainAlgebra: Algebra = {
  gemm: plainGemm,
  async inverseFactor(gram, damping) {
    const hessian = dampedHessian(gram, damping);
    const upper = transpose(cholesky(invertSpd(hessian)));
    const n = gram.rows;
    const diagonalOf = (data: Float64Array) => Float64Array.from({ length: n }, (_, j) => data[j * n + j]);
    return {
      factor: { rows: n, cols: n, data: Float32Array.from(upper.data) },
      diagonal: diagonalOf(upper.data),
      hessianDiagonal: diagonalOf(hessian.data),
      damping,
      dead: deadInputs(gram),
    };
  },
};

const known = new WeakMap<Matrix, Map<number, Promise<InverseFactor>>>();

/** The product's own factorisation on f32 products, remembered while the gram lives. */
export const singleAlgebra: Algebra = {
  gemm: singleGemm,
  inverseFactor(gram, damping) {
    const factors = known.get(gram) ?? new Map<number, Promise<InverseFactor>>();
    const factor = factors.get(damping) ?? inverseFactor(gram, damping, singleGemm);
    known.set(gram, factors.set(damping, factor));
    return factor;
  },
};
