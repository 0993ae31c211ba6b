/** n:m patterns: n weights kept of every m consecutive inputs of a row. */

import { SecateurError } from '../error.ts';

export interface Pattern {
  readonly n: number;
  readonly m: number;
}

/** @throws `UNSUPPORTED` when a row of `nInputs` weights cannot be cut into whole groups */
export function refuseOtherWidth({ n, m }: Pattern, nInputs: number): void {
  if (!Number.isInteger(n) || !Number.isInteger(m) || n < 1 || n > m) throw new RangeError(`${n}:${m} is not a pattern`);
  if (nInputs % m === 0) return;
  throw new SecateurError(
    'UNSUPPORTED',
    `${nInputs} inputs are not a multiple of ${m}, as ${n}:${m} needs`,
    'Choose another pattern, or leave this matrix dense.',
  );
}
