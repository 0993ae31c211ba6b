/** Matrices laid out as the heat map wants them: blocks down, kinds across, as the model runs through them. */

export interface Placed {
  readonly name: string;
  readonly block: number;
  readonly kind: string;
}

export interface Grid<M> {
  readonly rows: readonly string[];
  readonly cols: readonly string[];
  /** Row-major; empty where a block has no linear of that kind, several where the experts of a block share one. */
  readonly cells: readonly (readonly M[])[];
}

export function makeGrid<M extends Placed>(matrices: readonly M[]): Grid<M> {
  const blocks = [...new Set(matrices.map(({ block }) => block))].sort((a, b) => a - b);
  const kinds = [...new Set(matrices.map(({ kind }) => kind))];
  const cells: M[][] = Array.from({ length: blocks.length * kinds.length }, () => []);
  const rowOf = new Map(blocks.map((block, i) => [block, i]));
  const colOf = new Map(kinds.map((kind, i) => [kind, i]));
  for (const matrix of matrices) cells[rowOf.get(matrix.block)! * kinds.length + colOf.get(matrix.kind)!].push(matrix);
  return { rows: blocks.map(String), cols: kinds, cells };
}

/** The mean of what is known; `null` where nothing is. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
