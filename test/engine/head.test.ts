import { describe, expect, it } from 'vitest';
import { logAddExp, vocabularySlices } from '../../src/engine/head.ts';

describe('vocabularySlices', () => {
  it('covers the vocabulary once, in slices of at most 64 MiB of logits', () => {
    for (const [vocab, length] of [
      [49152, 2048],
      [2048, 256],
      [151_936, 4096],
      [7, 3],
    ] as const) {
      const slices = vocabularySlices(vocab, length);
      expect(slices[0].from).toBe(0);
      expect(slices.at(-1)!.to).toBe(vocab);
      slices.forEach(({ from, to }, i) => {
        expect(from).toBe(i === 0 ? 0 : slices[i - 1].to);
        expect((to - from) * length * 4).toBeLessThanOrEqual(64 * 2 ** 20 + length * 4);
      });
    }
  });
});

describe('logAddExp', () => {
  it('adds exponentials that no number could hold, and begins with none', () => {
    expect(logAddExp(-Infinity, 3)).toBe(3);
    expect(logAddExp(Math.log(2), Math.log(5))).toBeCloseTo(Math.log(7), 12);
    expect(logAddExp(5000, 5000)).toBeCloseTo(5000 + Math.LN2, 9);
  });
});
