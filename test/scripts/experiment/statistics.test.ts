import { describe, expect, it } from 'vitest';
import { median, paired, spearman } from '../../../scripts/experiment/statistics.ts';

describe('paired', () => {
  it('gives the mean and the standard error of the mean over windows', () => {
    const { mean, standardError } = paired([[1, 2, 3, 4]]);
    expect(mean).toBe(2.5);
    expect(standardError).toBeCloseTo(Math.sqrt(5 / 3 / 4), 12);
  });

  it('averages seeds first: two seeds whose noise cancels leave none', () => {
    expect(
      paired([
        [1, 3],
        [3, 1],
      ]),
    ).toEqual({ mean: 2, standardError: 0 });
  });
});

describe('spearman', () => {
  it('is 1 for any rising relation and -1 for any falling one', () => {
    const x = [1, 2, 3, 4, 5];
    expect(spearman(x, x.map(Math.exp))).toBeCloseTo(1, 12);
    expect(
      spearman(
        x,
        x.map((value) => -(value ** 3)),
      ),
    ).toBeCloseTo(-1, 12);
  });

  it('agrees with a figure worked out by hand, with a tie', () => {
    // Ranks 1, 2.5, 2.5, 4 against 2, 1, 3, 4.
    expect(spearman([10, 20, 20, 30], [2, 1, 3, 4])).toBeCloseTo(3 / Math.sqrt(4.5 * 5), 12);
  });
});

describe('median', () => {
  it('is the middle, or between the two in the middle', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});
