import { expect, it } from 'vitest';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import { isSameSensitivity } from '../../src/protocol/same-sensitivity.ts';

const known: Sensitivity = {
  method: 'scan',
  gives: 'loss',
  unit: '',
  description: 'at noon',
  matrices: [
    { name: 'a', value: 1, curve: [{ sparsity: 0.5, error: 1 }] },
    { name: 'b', value: 2 },
  ],
};

it('a sensitivity is the same in a copy and at another sparsity, and another where anything that was found differs', () => {
  const [a, b] = known.matrices;
  expect(isSameSensitivity(known, structuredClone(known))).toBe(true);
  expect(isSameSensitivity(known, { ...known, matrices: [{ ...a, value: 7 }, b] })).toBe(true);
  expect(isSameSensitivity(null, null)).toBe(true);
  const others: (Sensitivity | null)[] = [
    null,
    { ...known, method: 'fisher' },
    { ...known, description: 'at one' },
    { ...known, matrices: [a] },
    { ...known, matrices: [a, { ...b, value: 3 }] },
    { ...known, matrices: [a, { ...b, name: 'c' }] },
    { ...known, matrices: [{ ...a, curve: [{ sparsity: 0.5, error: 2 }] }, b] },
  ];
  for (const other of others) expect(isSameSensitivity(known, other)).toBe(false);
});
