import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, filterRows, nextOrder, noFilter, sortRows, windowOf } from '../../../webview/report/table-model.ts';

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly block: number;
  readonly error: number | null;
}

const columns: readonly Column<Row>[] = [
  { key: 'name', title: 'Name', value: ({ name }) => name, text: ({ name }) => name },
  { key: 'error', title: 'Error', value: ({ error }) => error, text: ({ error }) => String(error) },
];
const row = (name: string, error: number | null = 0): Row => ({
  name,
  kind: name.split('.')[1] ?? '',
  block: Number.parseInt(name, 10),
  error,
});
const rows = [row('10.q', 0.2), row('2.q', null), row('1.k', 0.3), row('1.q', 0.1)];

describe('the order of rows', () => {
  it('is by number, with what is not known last in both directions', () => {
    const errors = (direction: 'ascending' | 'descending') =>
      sortRows(rows, columns, { key: 'error', direction }).map(({ error }) => error);
    expect(errors('ascending')).toEqual([0.1, 0.2, 0.3, null]);
    expect(errors('descending')).toEqual([0.3, 0.2, 0.1, null]);
  });

  it('counts numbers within a text as numbers', () => {
    expect(sortRows(rows, columns, { key: 'name', direction: 'ascending' }).map(({ name }) => name)).toEqual(['1.k', '1.q', '2.q', '10.q']);
  });

  it('is as the rows stand without a column, or with one that does not exist', () => {
    expect(sortRows(rows, columns, null)).toEqual(rows);
    expect(sortRows(rows, columns, { key: 'gone', direction: 'ascending' })).toEqual(rows);
  });

  it('loses no row and leaves those of equal value as they stood', () => {
    const error = fc.option(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(Number.NaN)));
    fc.assert(
      fc.property(fc.array(error), fc.constantFrom('ascending' as const, 'descending' as const), (errors, direction) => {
        const given = errors.map((value, i) => ({ ...row(`${i}.q`), error: value }));
        const sorted = sortRows(given, columns, { key: 'error', direction });
        expect(sorted.toSorted((a, b) => a.block - b.block)).toEqual(given);
        for (let i = 1; i < sorted.length; i++)
          if (Object.is(sorted[i - 1].error, sorted[i].error)) expect(sorted[i - 1].block).toBeLessThan(sorted[i].block);
      }),
    );
  });

  it('starts with the largest number, or as text is read, and turns round at the second press', () => {
    const [name, error] = columns;
    expect(nextOrder(null, name, rows).direction).toBe('ascending');
    expect(nextOrder(null, error, rows)).toEqual({ key: 'error', direction: 'descending' });
    expect(nextOrder({ key: 'error', direction: 'descending' }, error, rows).direction).toBe('ascending');
    expect(nextOrder({ key: 'name', direction: 'descending' }, error, rows).direction).toBe('descending');
  });
});

describe('the filter', () => {
  it('wants every word in the name, in any case', () => {
    expect(filterRows(rows, { ...noFilter, text: ' Q 1' }).map(({ name }) => name)).toEqual(['10.q', '1.q']);
  });

  it('takes kind and block as they are', () => {
    expect(filterRows(rows, { ...noFilter, kind: 'q', block: '1' }).map(({ name }) => name)).toEqual(['1.q']);
    expect(filterRows(rows, noFilter)).toEqual(rows);
  });
});

describe('the window of a virtual table', () => {
  it('covers what is in view, and never leaves the rows', () => {
    const size = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 10, max: 60 }), (nRows, scrollTop, rowHeight) => {
        const { from, to } = windowOf(nRows, scrollTop, 500, rowHeight);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(nRows);
        expect(from).toBeLessThanOrEqual(to);
        for (let y = scrollTop; y < Math.min(scrollTop + 500, nRows * rowHeight); y += rowHeight) {
          expect(Math.floor(y / rowHeight)).toBeGreaterThanOrEqual(from);
          expect(Math.floor(y / rowHeight)).toBeLessThan(to);
        }
        expect(to - from).toBeLessThanOrEqual(Math.ceil(500 / rowHeight) + 42);
      }),
    );
  });
});
