import { describe, expect, test } from 'vitest';
import { refuseOtherWidth } from '../../src/methods/nm.ts';

describe('n:m', () => {
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
