/**
 * The operations of the intermediate representation: one row each, here its attributes.
 *
 * A new operation is one row in every table of this room (`ops`, `shapes`, `evaluate`, `onnx`; derivative rules come as one more
 * table of the same keys); a missing row does not compile.
 */

export interface Ops {
  /** a + b, equal shapes. */
  add: Record<never, never>;
  /**
   * Causal attention of q `[T, heads·d]` over k, v `[T, kvHeads·d]` → `[T, heads·d]`; each kv head serves heads/kvHeads query heads.
   * Position t sees positions max(0, t-window+1) … t; without `window`, all up to t.
   */
  attention: { readonly heads: number; readonly kvHeads: number; readonly scale: number; readonly window?: number };
  /** Rows of a table `[V, D]` by index i64 `[T]` → `[T, D]`. */
  gather: Record<never, never>;
  /**
   * A strip of a running Gram matrix: c + x[:, from:to]ᵀ · x[:, from:], x `[T, n]`, c and result `[to-from, n-from]`.
   * XᵀX is symmetric, so strips from the diagonal rightwards are all of it at little over half the products.
   */
  gram: { readonly from: number; readonly to: number };
  /** x·Wᵀ (+ bias), x `[T, in]`, W `[out, in]`, bias `[out]` → `[T, out]`. */
  linear: Record<never, never>;
  /** log Σ exp over the last axis, `[T, C]` → `[T]`. */
  logSumExp: Record<never, never>;
  /** a · b element by element, equal shapes. */
  mul: Record<never, never>;
  /** x[t, index[t]], x `[T, C]`, index i64 `[T]` → `[T]`. */
  pick: Record<never, never>;
  reshape: { readonly shape: readonly number[] };
  /** x / sqrt(mean(x²) + epsilon) · weight over the last axis. */
  rmsNorm: { readonly epsilon: number };
  /** Rotary positions on x `[T, heads·d]` with tables cos, sin `[T, d/2]`; halves are rotated against each other. */
  rope: { readonly heads: number };
  /** x · sigmoid(x). */
  silu: Record<never, never>;
}

export type OpName = keyof Ops;
