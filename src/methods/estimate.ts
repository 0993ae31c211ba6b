/** What repeated draws say of every slot. */

import type { Measured } from './sensitivity.ts';

/**
 * The size of the mean over draws, with the standard error of the mean; one draw alone has none.
 *
 * @param draws  independent, of equal distribution; at least one
 */
export function estimate(draws: ArrayLike<number>): Extract<Measured, { readonly value: number }> {
  const n = draws.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += draws[i];
  const mean = sum / n;
  if (n === 1) return { value: Math.abs(mean) };
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (draws[i] - mean) ** 2;
  return { value: Math.abs(mean), standardError: Math.sqrt(squares / (n - 1) / n) };
}
