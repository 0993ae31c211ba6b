/** The heavy linear algebra a method is lent; the engine does it on the tensor runtime, the tests in plain loops. */

import type { InverseFactor } from '../tensor/cholesky.ts';
import type { Gemm, GemmOptions } from '../tensor/gemm.ts';
import type { Matrix } from '../tensor/matrix.ts';

export type { GemmOptions, InverseFactor };

export interface Algebra {
  /** `c = alpha · op(a) · op(b) + beta · c`, in place. Subarrays may be given as `data`. */
  readonly gemm: Gemm;
  /**
   * The factor of the damped inverse; computed once for a gram and damping, then remembered while the gram lives.
   *
   * @throws `NOT_POSITIVE_DEFINITE` when even damping 1 does not help
   */
  inverseFactor(gram: Matrix, damping: number): Promise<InverseFactor>;
}
