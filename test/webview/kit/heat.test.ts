import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionOf, ticksOf } from '../../../webview/kit/heat-data.ts';
import { hit, layOut, scrollTo, visibleRange } from '../../../webview/kit/heat-layout.ts';
import { firstCell, type Grid, moveBy, rectangle } from '../../../webview/kit/heat-select.ts';

const layout = layOut({ nRows: 1429, nCols: 7, room: 600, rowLabel: 30, colLabel: 60, figure: 24, fontSize: 13, figures: false });

describe('the place of a value on the scale', () => {
  it('runs from end to end, also downwards and over powers of ten', () => {
    expect(positionOf(25, [0, 100], 'linear')).toBe(0.25);
    expect(positionOf(1, [8, 1], 'linear')).toBe(1);
    expect(positionOf(0.01, [0.0001, 1], 'log')).toBeCloseTo(0.5, 12);
    expect(positionOf(-3, [0.0001, 1], 'log')).toBe(0);
    expect(positionOf(200, [0, 100], 'linear')).toBe(1);
    expect(positionOf(3, [3, 3], 'linear')).toBe(0.5);
  });

  it('has few, round ticks that lie within the ends', () => {
    expect(ticksOf([0, 100], 'linear', 5)).toEqual([0, 25, 50, 75, 100]);
    expect(ticksOf([0.0001, 1], 'log', 5)).toEqual([0.0001, 0.001, 0.01, 0.1, 1]);
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        fc.double({ min: 1.01, max: 1e9, noNaN: true }),
        fc.constantFrom('linear', 'log'),
        (low, factor, scale) => {
          const ticks = ticksOf([low, low * factor], scale, 5);
          expect(ticks.length).toBeLessThanOrEqual(5);
          for (const tick of ticks) expect(tick >= low * (1 - 1e-6) && tick <= low * factor * (1 + 1e-6)).toBe(true);
        },
      ),
    );
  });

  it('shows the ends of a scale that runs downwards', () => {
    expect(ticksOf([210, 1], 'linear', 5)).toEqual([50, 100, 150, 200]);
  });
});

describe('the layout of a heat map', () => {
  it('asks for no more rows to be drawn than are seen', () => {
    const range = visibleRange(layout, { left: 0, top: 5000, width: 600, height: 400 });
    expect(range.endRow - range.firstRow).toBeLessThanOrEqual(400 / layout.rowHeight + 2);
    expect(range).toMatchObject({ firstCol: 0, endCol: 7 });
  });

  it('finds every cell where it lies, after scrolling to it', () => {
    const window = { left: 0, top: 0, width: 300, height: 200 };
    fc.assert(
      fc.property(fc.nat(1428), fc.nat(6), (row, col) => {
        const { left, top } = scrollTo(layout, window, row, col);
        const x = layout.headWidth + (col + 0.5) * layout.colWidth - left;
        const y = layout.headHeight + (row + 0.5) * layout.rowHeight - top;
        expect(x > layout.headWidth && x < window.width && y > layout.headHeight && y < window.height).toBe(true);
        expect(hit(layout, { left, top }, x, y)).toEqual({ row, col });
      }),
    );
  });

  it('tells headings from cells and knows where the cells end', () => {
    expect(hit(layout, { left: 0, top: 0 }, 2, layout.headHeight + 1)).toEqual({ row: 0, col: -1 });
    expect(hit(layout, { left: 0, top: 0 }, layout.headWidth + 1, 2)).toEqual({ row: -1, col: 0 });
    expect(hit(layout, { left: 0, top: 0 }, 5000, 100)).toBeNull();
  });

  it('sets headings upright where they do not fit, and keeps room for figures where they must be seen', () => {
    const narrow = { nRows: 4, nCols: 40, room: 400, rowLabel: 20, colLabel: 60, figure: 24, fontSize: 13 };
    expect(layOut({ ...narrow, figures: false }).upright).toBe(true);
    expect(layOut({ ...narrow, figures: true }).colWidth).toBe(32);
    expect(layout.upright).toBe(false);
  });
});

describe('moving about the cells', () => {
  // A 3 × 3 grid without its middle.
  const grid: Grid = { nRows: 3, nCols: 3, has: (index) => index !== 4 };

  it('goes past cells that are not there and stays at an edge', () => {
    expect(moveBy(grid, 3, 'ArrowRight', false, 2)).toBe(5);
    expect(moveBy(grid, 1, 'ArrowDown', false, 2)).toBe(7);
    expect(moveBy(grid, 0, 'ArrowUp', false, 2)).toBe(0);
    expect(moveBy(grid, 5, 'Home', false, 2)).toBe(3);
    expect(moveBy(grid, 0, 'End', true, 2)).toBe(8);
    expect(moveBy(grid, 8, 'Home', true, 2)).toBe(0);
    expect(moveBy(grid, 0, 'PageDown', false, 2)).toBe(6);
    expect(moveBy(grid, 0, 'x', false, 2)).toBeNull();
  });

  it('never leads to a cell that is not there', () => {
    const keys = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown'];
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
        fc.constantFrom(...keys),
        fc.boolean(),
        (present, key, whole) => {
          const holey: Grid = { nRows: 6, nCols: 4, has: (index) => present[index] };
          const start = firstCell(holey);
          if (start === null) return;
          expect(present[moveBy(holey, start, key, whole, 3)!]).toBe(true);
        },
      ),
    );
  });

  it('takes in a rectangle whichever corner it begins at', () => {
    expect([...rectangle(grid, 0, 4)]).toEqual([0, 1, 3]);
    expect([...rectangle(grid, 8, 3)]).toEqual([3, 5, 6, 7, 8]);
  });
});
