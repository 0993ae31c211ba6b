import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRanger, pathName } from '../../src/recipe/problem.ts';

describe('createRanger', () => {
  it('counts lines and columns from 1', () => {
    const range = createRanger('ab\n\ncd');
    expect(range(1, 5)).toEqual({ start: { line: 1, column: 2, offset: 1 }, end: { line: 3, column: 2, offset: 5 } });
    expect(range(2, 3).end).toEqual({ line: 2, column: 1, offset: 3 });
  });

  it('agrees with counting the lines before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\n', '\r\n', '😀')), fc.nat(60), (pieces, wanted) => {
        const text = pieces.join('');
        const { line, column, offset } = createRanger(text)(wanted, wanted).start;
        const before = text.slice(0, wanted).split('\n');
        expect([line, column, offset]).toEqual([before.length, before.at(-1)!.length + 1, Math.min(wanted, text.length)]);
      }),
    );
  });

  it('ends no range before it starts', () => {
    expect(createRanger('abc')(2, 1).end.offset).toBe(2);
  });
});

describe('pathName', () => {
  it('writes keys with dots and indices in brackets', () => {
    expect(pathName(['calibrate', 'text', 0])).toBe('calibrate.text[0]');
  });
});
