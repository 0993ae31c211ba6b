import { expect, it } from 'vitest';
import { exactCounts } from '../../../src/methods/allocate/counts.ts';
import { search } from '../../../src/methods/allocate/search.ts';
import { inputOf } from '../../support/sensitivities.ts';

const slots = [30, 100, 7].map((out, i) => ({ name: `w${i}`, block: i, kind: 'w', out, in: 10 }));
const zeros = [100, 613, 21];
const kept = slots.map(({ out, in: width }, i) => 1 - zeros[i]! / (out * width));
const shares = search.allocate(inputOf(slots, 734 / 1370, kept), {});

it('gives the very budget that was found', () => {
  expect(exactCounts({ slots, shares, total: 734 })).toEqual(zeros);
});

it('moves all alike where another total is asked for, or a matrix is fixed', () => {
  const counts = exactCounts({ slots, shares, total: 734 + 52, fixed: [undefined, undefined, 0.3] });
  expect(counts).toEqual([112, 653, 21]);
});
