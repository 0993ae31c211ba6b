/** The MixGPT experiment: who shares out the zeros, who chooses the weights, with and without a finish, at every level. */

import type { MatrixReport } from '../../src/protocol/report.ts';
import { type Cell, cellsOf, choose, recipeText, whyNotAvailable } from './grid.ts';
import { type Laboratory, openLaboratory, runAndEvaluate } from './laboratory.ts';
import type { Options } from './options.ts';
import { appendEntry, type CellRecord, kept } from './records.ts';

/** @param say  a line for whoever follows */
export async function runMixgpt(options: Options, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  const lab = await openLaboratory(options, signal, say);
  const deadline = performance.now() + 60_000 * options.minutes;
  const missing = missingCells(options, lab.results().cells);
  for (const [done, cell] of missing.entries()) {
    if (performance.now() > deadline) return say(`${missing.length - done} cells are left for another time.`);
    const { perplexity, seconds } = await runCell(lab, cell);
    const total = Object.values(seconds).reduce((sum, value) => sum + value, 0);
    say(`${done + 1}/${missing.length} ${cell.id}: perplexity ${perplexity.toFixed(3)} (${total.toFixed(0)} s)`);
  }
}

/** Those that are chosen, can be run, and have no record. */
export function missingCells({ seeds, only }: Pick<Options, 'seeds' | 'only'>, done: ReadonlyMap<string, unknown>): Cell[] {
  return choose(cellsOf(seeds), only).filter((cell) => !done.has(cell.id) && whyNotAvailable(cell) === null);
}

async function runCell(lab: Laboratory, cell: Cell): Promise<CellRecord> {
  const text = recipeText(cell, await lab.places(cell.seed), lab.drawn);
  const { report, perplexity, seconds } = await runAndEvaluate(lab, text);
  const { zeros, prunable } = report.sparsity;
  const asked = typeof cell.level === 'number' ? Math.round(cell.level * prunable) : zeros;
  if (zeros !== asked) throw new Error(`${cell.id}: ${zeros} zeros where ${asked} were asked for`);
  const shares = report.matrices.map((matrix) => matrix.sparsity);
  const record: CellRecord = {
    type: 'cell',
    id: cell.id,
    ...kept(perplexity),
    zeros,
    byKind: byKind(report.matrices),
    range: [rounded(Math.min(...shares)), rounded(Math.max(...shares))],
    seconds,
    peakMiB: Math.round(Math.max(...report.steps.map((step) => step.peakBytes)) / 2 ** 20),
    ...lab.made(),
    recipe: recipeText(cell, lab.shownPlaces, lab.drawn),
  };
  appendEntry(lab.recordsPath, record);
  return record;
}

/** The sparsity of all matrices of a kind together. */
function byKind(matrices: readonly MatrixReport[]): Record<string, number> {
  const sums = new Map<string, { zeros: number; weights: number }>();
  for (const { kind, zeros, shape } of matrices) {
    const sum = sums.get(kind) ?? { zeros: 0, weights: 0 };
    sums.set(kind, { zeros: sum.zeros + zeros, weights: sum.weights + shape[0] * shape[1] });
  }
  return Object.fromEntries([...sums].map(([kind, { zeros, weights }]) => [kind, rounded(zeros / weights)]));
}

function rounded(share: number): number {
  return Math.round(1e4 * share) / 1e4;
}
