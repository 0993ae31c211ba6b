import { describe, expect, it } from 'vitest';
import { allocations, cellOf, cellsOf, choose, recipeText, whyNotAvailable } from '../../../scripts/experiment/grid.ts';
import { allocators } from '../../../src/methods/allocate/index.ts';
import { parseRecipe } from '../../../src/recipe/parse.ts';

const cells = cellsOf([0, 1]);

describe('the grid', () => {
  it('has every cell once, and its id says all of it', () => {
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    for (const cell of cells) expect(cellOf(cell.id)).toEqual(cell);
  });

  it('begins with the core: three allocations, three solvers, 50 to 70 %, with and without a finish', () => {
    const core = cells.slice(0, 54);
    expect(new Set(core.map(({ allocation }) => allocation))).toEqual(new Set(['uniform', 'mixed-hessian-trace', 'curves-scan']));
    expect(new Set(core.map(({ solver }) => solver))).toEqual(new Set(['obs', 'isc', 'wanda']));
    expect(new Set(core.map(({ level }) => level))).toEqual(new Set([0.5, 0.6, 0.7]));
    expect(core.every(({ seed }) => seed === 0)).toBe(true);
    expect(cells[54].allocation).not.toBe('uniform');
  });

  it('runs the uniform cell of a group before those that are held against it', () => {
    for (const [i, cell] of cells.entries()) {
      const isUniform = (other: typeof cell) => cellOf(other.id).allocation === 'uniform';
      const alike = (other: typeof cell) =>
        other.solver === cell.solver && other.finish === cell.finish && other.level === cell.level && other.seed === cell.seed;
      expect(
        cells.slice(0, i + 1).some((other) => isUniform(other) && alike(other)),
        cell.id,
      ).toBe(true);
    }
  });

  it('writes recipes that parse and ask for what the cell says', () => {
    const [cell] = choose(cells, ['uniform/isc/least-squares/60/seed-1']);
    const { recipe } = parseRecipe(recipeText(cell, { model: './m', calibration: './t.txt', to: './out' }, { samples: 4, length: 32 }));
    expect(recipe).toMatchObject({
      sparsity: 0.6,
      calibrate: { samples: 4, length: 32, seed: 1 },
      allocate: { method: 'uniform' },
      solve: { method: 'obs', score: { method: 'isc' }, finish: { method: 'least-squares' } },
    });
  });

  it('says of a cell whose methods are not there why it cannot be run', () => {
    for (const cell of cellsOf([0]).filter(({ level }) => level === 0.6)) {
      const { method } = allocations[cell.allocation].allocate as { method: string };
      const reason = whyNotAvailable(cell);
      if (!(method in allocators)) expect(reason, cell.id).toContain(`"${method}"`);
      if (cell.allocation === 'uniform') expect(reason, cell.id).toBeNull();
    }
  });

  it('chooses by glob', () => {
    expect(choose(cells, ['{uniform,prior}/obs/none/70/seed-0']).map(({ id }) => id)).toEqual([
      'uniform/obs/none/70/seed-0',
      'prior/obs/none/70/seed-0',
    ]);
  });
});
