import { expect, test } from 'vitest';
import { prior } from '../../../src/methods/measure/prior.ts';
import { priorRank } from '../../../src/methods/prior-rank.ts';
import { makeSlots } from '../../support/slots.ts';

test('prior reads nothing, and gives every matrix of a block its rank', async () => {
  const slots = makeSlots(6).filter(({ block }) => block === 4);
  const nothing = { weight: { rows: 0, cols: 0, data: new Float32Array() }, stats: {}, damping: 0, algebra: undefined as never };
  const found = await prior.measureBlock({ block: 4, nBlocks: 6, linears: slots.map((slot) => ({ slot, ...nothing })) }, {});
  expect(prior.needs).toEqual([]);
  expect(found).toEqual(slots.map((slot) => ({ value: priorRank(slot, 6) })));
  expect(new Set(found.map((one) => 'value' in one && one.value)).size).toBe(4);
});
