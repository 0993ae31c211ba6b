import { expect, it } from 'vitest';
import { estimate } from '../../src/methods/estimate.ts';

it('gives the size of the mean, with the standard error of the mean', () => {
  expect(estimate([1, 2, 6])).toEqual({ value: 3, standardError: Math.sqrt(14 / 2 / 3) });
  expect(estimate(Float64Array.of(-4, -2))).toEqual({ value: 3, standardError: 1 });
});

it('gives a single draw no standard error', () => {
  expect(estimate([-5])).toEqual({ value: 5 });
});
