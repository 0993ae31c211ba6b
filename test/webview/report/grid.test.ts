import { describe, expect, it } from 'vitest';
import { makeGrid, meanOf } from '../../../webview/report/grid.ts';

const at = (block: number, kind: string, name = `${block}.${kind}`) => ({ name, block, kind });

describe('the grid', () => {
  it('has blocks in their order down, kinds in the model’s order across, and gaps where a block has no such linear', () => {
    const grid = makeGrid([at(10, 'q'), at(10, 'down'), at(2, 'q')]);
    expect(grid.rows).toEqual(['2', '10']);
    expect(grid.cols).toEqual(['q', 'down']);
    expect(grid.cells.map((members) => members.map(({ name }) => name))).toEqual([['2.q'], [], ['10.q'], ['10.down']]);
  });

  it('folds experts of one kind into one cell', () => {
    const grid = makeGrid([at(0, 'up', 'experts.0'), at(0, 'up', 'experts.1')]);
    expect(grid.cells).toEqual([[at(0, 'up', 'experts.0'), at(0, 'up', 'experts.1')]]);
  });

  it('is empty without matrices', () => {
    expect(makeGrid([])).toEqual({ rows: [], cols: [], cells: [] });
  });
});

describe('a mean', () => {
  it('is of what is known', () => {
    expect(meanOf([1, null, 3])).toBe(2);
    expect(meanOf([null])).toBeNull();
  });
});
