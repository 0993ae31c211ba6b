/** Blocks as a measure sees them. */

import type { BlockInput, LinearInput } from '../../src/methods/measure.ts';

/** A block, the first of one, of linears that are named after their place. */
export function blockOf(...linears: Omit<LinearInput, 'slot'>[]): BlockInput {
  const slot = ({ weight }: Omit<LinearInput, 'slot'>, i: number) => ({
    name: `model.layers.0.w${i}.weight`,
    block: 0,
    kind: `w${i}`,
    out: weight.rows,
    in: weight.cols,
  });
  return { block: 0, nBlocks: 1, linears: linears.map((linear, i) => ({ ...linear, slot: slot(linear, i) })) };
}
