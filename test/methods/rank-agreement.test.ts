import { expect, it } from 'vitest';
import { rankAgreement } from '../../src/methods/rank-agreement.ts';

it('is 1 for the same order, -1 for the reverse, whatever the values', () => {
  expect(rankAgreement([1, 5, 2, 900], [0.1, 0.3, 0.2, 0.4])).toBeCloseTo(1, 12);
  expect(rankAgreement([1, 5, 2, 900], [-1, -5, -2, -900])).toBeCloseTo(-1, 12);
});

it('is 1 - 6 Σd² / (n³ - n) without ties', () => {
  // Ranks 1 2 3 4 5 against 2 1 4 3 5.
  expect(rankAgreement([1, 2, 3, 4, 5], [20, 10, 40, 30, 50])).toBeCloseTo(1 - (6 * 4) / 120, 12);
});

it('gives ties their mean rank, and is no number where all are tied', () => {
  // Ranks 1.5 1.5 3 against 1 2 3: the correlation of the two.
  expect(rankAgreement([7, 7, 8], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(1.5 * 2), 12);
  expect(rankAgreement([7, 7, 7], [1, 2, 3])).toBeNaN();
});
