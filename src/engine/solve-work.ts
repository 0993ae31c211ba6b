/** What a solve step takes beyond the statistics of inputs and their products: gradients, and the asking of a block solver. */

import type { Model } from '../families/family.ts';
import type { Criterion } from '../methods/criterion.ts';
import { criteria } from '../methods/score/index.ts';
import { solvers } from '../methods/solve/index.ts';
import type { Solver } from '../methods/solver.ts';
import type { LinearStatisticName } from '../methods/statistics.ts';
import type { Recipe } from '../recipe/schema.ts';
import { hiddenBytes } from './hidden.ts';
import { lossGradientBytes } from './loss-gradients.ts';
import { needsScratch, type ScratchLimits } from './scratch.ts';

/** What the methods of a recipe need to know of a linear, beyond its gram, which is always there for the errors. */
export function neededStatistics({ method, score, finish }: Recipe['solve']): ReadonlySet<LinearStatisticName> {
  const criterion: Criterion = criteria[score.method];
  const used = [solvers[method], ...(finish ? [solvers[finish.method]] : [])] as readonly Solver[];
  return new Set([...criterion.needs, ...used.flatMap((solver) => (solver.scope === 'linear' ? solver.needs : []))]);
}

/** Whether the recipe's solver is handed blocks as a whole. */
export function solvesBlocks({ method }: Recipe['solve']): boolean {
  return solvers[method].scope === 'block';
}

/** Over how many calibration windows the recipe's criterion wants `lossGradient`; 0 where it does not need that. */
export function gradientWindows({ score: { method, ...options } }: Recipe['solve']): number {
  const criterion: Criterion = criteria[method];
  return criterion.gradientWindows?.(options) ?? 0;
}

export interface SolveWork {
  /** Windows whose loss is derived through the whole model. */
  readonly lossWindows: number;
  /** Windows that are run through each block and back, all times counted. */
  readonly blockWindows: number;
  /** Calibrations of each block after the first. */
  readonly calibrations: number;
  /** Whether gradients, squares and weights of a whole block are held while it is solved. */
  readonly together: boolean;
}

/** @param samples  calibration windows */
export function solveWork(solve: Recipe['solve'], samples: number): SolveWork {
  const { method, score: _score, damping: _damping, finish: _finish, ...options } = solve;
  const solver: Solver = solvers[method];
  const calls = solver.scope === 'block' ? solver.calls(options) : { outputErrors: 0, chooseMasks: 0 };
  return {
    lossWindows: Math.min(gradientWindows(solve), samples),
    blockWindows: calls.outputErrors + (neededStatistics(solve).has('blockGradient') ? samples : 0),
    calibrations: calls.chooseMasks,
    together: solver.scope === 'block',
  };
}

/** Bytes on top of those of a run without gradients; what would be too much for memory goes to scratch files. */
export function solveRoom(
  model: Model,
  { lossWindows, blockWindows, together }: SolveWork,
  length: number,
  limits: Pick<ScratchLimits, 'memoryLimitBytes'>,
): { readonly memoryBytes: number; readonly scratchBytes: number } {
  const linears = model.linears(0);
  const weights = linears.reduce((sum, linear) => sum + linear.out * linear.in, 0);
  let [memoryBytes, scratchBytes] = [0, 0];
  const keep = (bytes: number) => {
    if (needsScratch(bytes, limits)) scratchBytes += bytes;
    else memoryBytes += bytes;
  };
  if (lossWindows > 0) {
    keep(lossGradientBytes(model));
    keep((model.nBlocks + 2) * hiddenBytes({ windows: lossWindows, length, width: model.hiddenSize }));
  }
  if (lossWindows > 0 || blockWindows > 0) {
    const activations = length * linears.reduce((sum, linear) => sum + linear.out + linear.in, 0);
    // The shares of attention, which a derivative keeps, with heads of 64: half of heads · length².
    const attention = 0.01 * length ** 2 * model.hiddenSize;
    memoryBytes += 4 * (2.5 * activations + attention + (together ? 6 : 3) * weights);
  }
  return { memoryBytes, scratchBytes };
}

/** A derivative's way through a block, forward and back, in passes forward. */
const derivativePasses = 3;

/**
 * Multiplications and additions.
 *
 * @param forward  those of one token's way through all blocks
 * @param head     the same from there to its logits
 * @param grams    those of its part in all Grams
 */
export function solveOperations(
  { lossWindows, blockWindows, calibrations, together }: SolveWork,
  { samples, length }: { readonly samples: number; readonly length: number },
  { forward, head, grams }: { readonly forward: number; readonly head: number; readonly grams: number },
): number {
  const loss = lossWindows * length * ((1 + derivativePasses) * forward + derivativePasses * head);
  // What the block's output is held against is one pass more.
  const block = blockWindows * length * (derivativePasses + (together ? 1 : 0)) * forward;
  return loss + block + calibrations * samples * length * (forward + grams);
}
