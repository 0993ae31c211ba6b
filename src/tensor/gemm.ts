/** The one product all heavy work is made of; whoever lends it decides where it runs. */

import type { Matrix } from './matrix.ts';

export interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Factor of the product, 1 unless said. */
  readonly alpha?: number;
  /** What C is multiplied by before the product is added: 0 (overwritten, the default) or 1. */
  readonly beta?: 0 | 1;
}

/** `c = alpha · op(a) · op(b) + beta · c`, in place. Shapes are those before `op`. Subarrays may be given as `data`. */
export type Gemm = (a: Matrix, b: Matrix, c: Matrix, options?: GemmOptions) => Promise<void>;
