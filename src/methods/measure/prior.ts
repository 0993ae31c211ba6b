/** Prior: a matrix minds pruning as its role and depth say, without a look at it. */

import * as v from 'valibot';
import { defineBlockMeasure, eachLinear } from '../measure.ts';
import { priorRank } from '../prior-rank.ts';

/**
 *     q = rank of the role (k, q, gate, o, up, v, down: 0 to 6)  +  7 in the first three blocks and the last
 *
 * It costs nothing, so it is the bar for everything that is measured.
 */
export const prior = defineBlockMeasure({
  title: 'Prior',
  summary: 'Ranks matrices by role and depth alone; nothing is measured, and no text is read.',
  formula: 'q = rank of the role (k, q, gate, o, up, v, down) + 7 in the first three blocks and the last',
  paper: null,
  gives: 'value',
  unit: 'by rank',
  scope: 'block',
  needs: [],
  options: v.strictObject({}),
  measureBlock: eachLinear(({ slot }, _, { nBlocks }) => ({ value: priorRank(slot, nBlocks) })),
});
