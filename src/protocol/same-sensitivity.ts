/** Whether what comes from the cache again is what is known: it crosses boundaries as a new object each time. */

import type { MatrixSensitivity, Sensitivity } from '../methods/sensitivity.ts';

/** But for the sparsity at which curves were read. */
export function isSameSensitivity(a: Sensitivity | null, b: Sensitivity | null): boolean {
  if (a === b) return true;
  if (!a || !b || a.method !== b.method || a.description !== b.description || a.matrices.length !== b.matrices.length) return false;
  return a.matrices.every((matrix, i) => matrix.name === b.matrices[i].name && figureOf(matrix) === figureOf(b.matrices[i]));
}

function figureOf({ value, curve }: MatrixSensitivity): number | undefined {
  return curve ? curve.at(-1)?.error : value;
}
