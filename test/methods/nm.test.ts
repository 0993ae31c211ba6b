import { describe, expect, test } from 'vitest';
import { patternSparsity, refuseOtherWidth } from '../../src/methods/nm.ts';

describe('n:m', () => {
  test('n counts the kept weights', () => {
    expect([patternSparsity({ n: 1, m: 4 }), patternSparsity({ n: 4, m: 8 }), patternSparsity({ n: 3, m: 3 })]).toEqual([0.75, 0.5, 0]);
  });

  test('a width that m does not divide is refused', () => {
    expect(refuseOtherWidth({ n: 2, m: 4 }, 64)).toBeUndefined();
    expect(() => refuseOtherWidth({ n: 2, m: 4 }, 66)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('what is no pattern is a bug', () => {
    for (const [n, m] of [
      [0, 4],
      [5, 4],
      [1.5, 4],
      [2, 4.5],
    ])
      expect(() => refuseOtherWidth({ n, m }, 36)).toThrow(RangeError);
  });
});
