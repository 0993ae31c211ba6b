import { expect, it } from 'vitest';
import type { Inspection } from '../../src/protocol/data.ts';
import { slotsOf } from '../../src/protocol/slots.ts';

it('keeps names, blocks and kinds, and tells outputs from inputs', () => {
  const matrices = [{ name: 'a.3.q_proj.weight', block: 3, kind: 'q_proj', shape: [5, 7], dtype: 'bf16' }] as const;
  const inspection = { matrices } as unknown as Inspection;
  expect(slotsOf({ state: 'ready', inspection })).toEqual([{ name: 'a.3.q_proj.weight', block: 3, kind: 'q_proj', out: 5, in: 7 }]);
  expect(slotsOf({ state: 'loading' })).toEqual([]);
});
