/** A lab of slots without weights, for measures that only ask for derivatives. */

import type { Lab } from '../../src/methods/lab.ts';
import type { Measured } from '../../src/methods/sensitivity.ts';
import { fakeLab } from './fake-lab.ts';

/** As many slots as sizes; `seen` has what was last found of each. */
export function derivativesLab(sizes: readonly number[], lent: Partial<Lab>): { readonly lab: Lab; readonly seen: Map<number, Measured> } {
  const seen = new Map<number, Measured>();
  const slots = sizes.map((size, i) => ({ name: `model.layers.${i}.w.weight`, block: i, kind: 'w', out: 1, in: size }));
  const found: Lab['found'] = (measured) => {
    for (const [slot, one] of measured) seen.set(slot, one);
  };
  return { lab: fakeLab([], { slots, found, ...lent }), seen };
}
