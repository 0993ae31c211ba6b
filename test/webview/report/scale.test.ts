import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearScale, logScale } from '../../../webview/report/scale.ts';

describe('a linear axis', () => {
  it('has round ticks around the values', () => {
    expect(linearScale([0, 29]).ticks).toEqual([0, 10, 20, 30]);
    expect(linearScale([30, 57.9]).ticks).toEqual([30, 40, 50, 60]);
    expect(linearScale([0, 5], 5).ticks).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('puts every value between its ends, in their order', () => {
    const number = fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1000);
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), (values) => {
        const { place, ticks } = linearScale(values);
        const places = values.toSorted((a, b) => a - b).map(place);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(8);
        expect([place(ticks[0]), place(ticks.at(-1)!)].map((share) => Number(share.toFixed(6)))).toEqual([0, 1]);
      }),
    );
  });

  it('exists for no value and for one', () => {
    expect(linearScale([]).ticks.length).toBeGreaterThan(1);
    expect(linearScale([0]).place(0)).toBeGreaterThanOrEqual(0);
  });
});

describe('an axis of powers', () => {
  it('has a tick for each power of ten around the values', () => {
    const { ticks, place } = logScale([0.0003, 0.05]);
    expect(ticks).toEqual([0.0001, 0.001, 0.01, 0.1]);
    expect([0.0001, 0.001, 0.1].map((value) => Number(place(value).toFixed(6)))).toEqual([0, 0.333333, 1]);
  });

  it('leaves powers out where there are many', () => {
    expect(logScale([1e-12, 1]).ticks.length).toBeLessThanOrEqual(7);
  });

  it('puts what is not above 0 at its start', () => {
    const { place } = logScale([0, 0.1, 1]);
    expect([place(0), place(-1)]).toEqual([0, 0]);
    expect(logScale([]).place(0)).toBe(0);
  });
});
