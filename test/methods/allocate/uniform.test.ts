import { expect, test } from 'vitest';
import { uniform } from '../../../src/methods/allocate/uniform.ts';

test('uniform gives every slot the same sparsity', () => {
  const slot = { name: 'a', block: 0, kind: 'q_proj', out: 3, in: 5 };
  const limits = { least: new Float64Array(2), most: new Float64Array(2).fill(1) };
  const input = { slots: [slot, { ...slot, name: 'b', out: 100 }], sparsity: 0.37, ...limits, sensitivities: [] };
  expect(uniform.allocate(input, {})).toEqual(Float64Array.of(0.37, 0.37));
});
