/** How sensitive a matrix is before anything is measured: by its role in the block and by its depth. */

import type { Slot } from './allocator.ts';

/** Module names by role, from the least sensitive role to the most. */
const roles = [
  { names: ['k_proj', 'key'] },
  { names: ['q_proj', 'query'] },
  { names: ['gate_proj', 'w1'] },
  { names: ['o_proj', 'out_proj', 'dense', 'wo'] },
  { names: ['up_proj', 'fc1', 'c_fc', 'fc_in', 'dense_h_to_4h', 'w3'] },
  { names: ['v_proj', 'value'] },
  { names: ['down_proj', 'fc2', 'fc_out', 'dense_4h_to_h', 'w2'] },
];
const rankOfRole = new Map(roles.flatMap(({ names }, rank) => names.map((name) => [name, rank] as const)));
const [middle, most] = [(roles.length - 1) / 2, roles.length - 1];
const nFirst = 3;

/**
 * By role from most to least sensitive: down, v, up, o, gate, q, k; a role that is not known stands in the middle. All matrices of the first
 * three blocks and of the last one stand above all others.
 *
 * @param nBlocks  of the model
 * @returns        0, 1, 2, … 13; larger = more sensitive
 */
export function priorRank({ block, kind, name }: Slot, nBlocks: number): number {
  const isProtected = block < nFirst || block === nBlocks - 1;
  return roleRank(kind, name) + (isProtected ? roles.length : 0);
}

function roleRank(kind: string, name: string): number {
  // GPT-2 has two modules of this name in a block: the output of attention, and the way down.
  if (kind === 'c_proj') return name.includes('.mlp.') ? most : middle;
  return rankOfRole.get(kind) ?? middle;
}
