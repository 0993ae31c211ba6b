import { expect, test } from 'vitest';
import { uniform } from '../../../src/methods/allocate/uniform.ts';

test('uniform gives every slot the same sparsity', () => {
  const slot = { name: 'a', block: 0, kind: 'q_proj', out: 3, in: 5 };
  expect(uniform.allocate([slot, { ...slot, name: 'b', out: 100 }], 0.37, {})).toEqual(Float64Array.of(0.37, 0.37));
});
