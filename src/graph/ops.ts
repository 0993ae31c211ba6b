/**
 * The operations of the intermediate representation: one row each, here its attributes.
 *
 * A new operation is one row in every table of this room (`ops`, `shapes`, `evaluate`, `lowerings`, `reverse`, `tangent`); a missing
 * row does not compile. Shapes broadcast as NumPy's do: aligned at their ends, an axis of one is repeated.
 */

export interface Ops {
  /** a + b, shapes broadcast. */
  add: Record<never, never>;
  /** scale · x + shift. */
  affine: { readonly scale: number; readonly shift: number };
  /**
   * Causal attention of q `[T, heads·d]` over k, v `[T, kvHeads·d]` → `[T, heads·d]`; each kv head serves heads/kvHeads query heads.
   * Position t sees positions max(0, t-window+1) … t; without `window`, all up to t.
   */
  attention: { readonly heads: number; readonly kvHeads: number; readonly scale: number; readonly window?: number };
  /** All inputs one after another along an axis. */
  concat: { readonly axis: number };
  /** x repeated until it has a shape that it broadcasts to. */
  expand: { readonly shape: readonly number[] };
  /** Rows of a table `[V, D]` by index i64 `[T]` → `[T, D]`. */
  gather: Record<never, never>;
  /**
   * A strip of a running Gram matrix: c + x[:, from:to]ᵀ · x[:, from:], x `[T, n]`, c and result `[to-from, n-from]`.
   * XᵀX is symmetric, so strips from the diagonal rightwards are all of it at little over half the products.
   */
  gram: { readonly from: number; readonly to: number };
  /** x·Wᵀ (+ bias), x `[T, in]`, W `[out, in]`, bias `[out]` or `[T, out]` → `[T, out]`. */
  linear: Record<never, never>;
  /** log Σ exp over the last axis, `[T, C]` → `[T]`. */
  logSumExp: Record<never, never>;
  /** a·b, or of either the transpose, `[n, k]` and `[k, m]` → `[n, m]`; a leading axis, the same in both, is a batch. */
  matmul: { readonly transA: boolean; readonly transB: boolean };
  /** a · b element by element, shapes broadcast. */
  mul: Record<never, never>;
  /** Zeros before and after x along an axis. */
  pad: { readonly axis: number; readonly before: number; readonly after: number };
  /** x[t, index[t]], x `[T, C]`, index i64 `[T]` → `[T]`. */
  pick: Record<never, never>;
  /** What `pick` takes put back: x `[T]`, index i64 `[T]` → `[T, width]`, zeros but for x[t] at index[t]. */
  place: { readonly width: number };
  /** x to a power; x > 0 unless the exponent is a whole number. */
  power: { readonly exponent: number };
  reshape: { readonly shape: readonly number[] };
  /** x / sqrt(mean(x²) + epsilon) · weight over the last axis. */
  rmsNorm: { readonly epsilon: number };
  /** Rotary positions on x `[T, heads·d]` with tables cos, sin `[T, d/2]`; halves are rotated against each other. */
  rope: { readonly heads: number };
  /** What `gather` takes put back: x `[T, D]`, index i64 `[T]` → `[rows, D]`, each row the sum of the x[t] whose index it is. */
  scatter: { readonly rows: number };
  /** 1 / (1 + exp(-x)). */
  sigmoid: Record<never, never>;
  /** x · sigmoid(x). */
  silu: Record<never, never>;
  /** Elements from … to - 1 along an axis. */
  slice: { readonly axis: number; readonly from: number; readonly to: number };
  /**
   * exp(x) / Σ exp(x) over the last axis. With `causal`, row t of the last two axes `[R, C]` sees only the columns
   * t+diagonal-window+1 … t+diagonal (without `window`, from the first); what it does not see is exactly 0.
   */
  softmax: { readonly causal?: { readonly diagonal: number; readonly window?: number } };
  /** x summed over the axes along which `shape` would be repeated to have the shape of x: what `expand` is to a cotangent. */
  sumTo: { readonly shape: readonly number[] };
  /** Axis i of the result is axis axes[i] of x. */
  transpose: { readonly axes: readonly number[] };
}

export type OpName = keyof Ops;
