/** The algebra that methods are lent, on the tensor runtime; the factor of a Hessian is made once for all linears that share it. */

import type { Algebra, InverseFactor } from '../methods/algebra.ts';
import { inverseFactor } from '../tensor/cholesky.ts';
import type { Matrix } from '../tensor/matrix.ts';
import { throwIfCancelled } from './context.ts';
import type { Runtime } from './runtime.ts';

/** @param signal  ends a long solve at its next product */
export function createAlgebra(runtime: Runtime, signal: AbortSignal): Algebra {
  const gemm: Algebra['gemm'] = async (...args) => {
    throwIfCancelled(signal);
    return runtime.gemm(...args);
  };
  const factors = new WeakMap<Matrix, Map<number, Promise<InverseFactor>>>();
  return {
    gemm,
    inverseFactor(gram, damping) {
      const known = factors.get(gram) ?? new Map<number, Promise<InverseFactor>>();
      const factor = known.get(damping) ?? inverseFactor(gram, damping, gemm);
      factors.set(gram, known.set(damping, factor));
      return factor;
    },
  };
}
