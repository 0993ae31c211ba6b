/** Prunes one linear as the recipe says: score, choose, solve, finish, round; and measures what that did to its output. */

import { SecateurError } from '../error.ts';
import type { Algebra } from '../methods/algebra.ts';
import type { Criterion } from '../methods/criterion.ts';
import { chooseMask } from '../methods/mask-rule.ts';
import { outputErrors } from '../methods/output-error.ts';
import { criteria } from '../methods/score/index.ts';
import { settle } from '../methods/settle.ts';
import { solvers } from '../methods/solve/index.ts';
import type { MaskChoice, Solved, Solver, Target } from '../methods/solver.ts';
import type { Statistics } from '../methods/statistics.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Mask, Matrix } from '../tensor/matrix.ts';
import type { WeightType } from './checkpoint.ts';

export interface LinearTask {
  readonly name: string;
  readonly weight: Matrix;
  readonly type: WeightType;
  readonly target: Target;
  readonly stats: Statistics;
}

export interface LinearResult {
  /** The pruned weight in the file's dtype, as the file holds it. */
  readonly bytes: Uint8Array;
  /** Zeros among them. */
  readonly zeros: number;
  readonly relativeError: number;
  readonly maskOnlyError: number;
  readonly damping: number;
  readonly nudged: number;
}

export async function solveLinear(task: LinearTask, recipe: Recipe['solve'], algebra: Algebra): Promise<LinearResult> {
  try {
    return await solve(task, recipe, algebra);
  } catch (error) {
    if (!(error instanceof SecateurError) || error.message.includes(task.name)) throw error;
    // Statistics and factors are shared by several linears, so what goes wrong in them does not know for which.
    throw new SecateurError(error.code, `${task.name}: ${error.message}`, error.hint, { cause: error });
  }
}

async function solve(task: LinearTask, recipe: Recipe['solve'], algebra: Algebra): Promise<LinearResult> {
  const { weight, stats, name } = task;
  const { method, score: _score, damping: _damping, finish: _finish, ...options } = recipe;
  const solver: Solver = solvers[method];
  checkFinite(name, weight, 'in the checkpoint');
  let highest = 0;
  // Whoever asks for a factor, criterion or solver: the damping it took is what the report has to name.
  const watched: Algebra = {
    ...algebra,
    async inverseFactor(gram, damping) {
      const factor = await algebra.inverseFactor(gram, damping);
      highest = Math.max(highest, factor.damping);
      return factor;
    },
  };
  const common = { name, weight, stats, damping: recipe.damping, algebra: watched };
  const choice = await makeChoice(task, recipe, solver, watched);
  const first = await solver.solve({ ...common, start: 'mask' in choice ? masked(weight, choice.mask) : weight, choice }, options);
  const solved = await finish(first, recipe, common);
  checkFinite(name, solved.weight, 'in the solver');
  const stored = settle({ name, weight: solved.weight, mask: solved.mask, type: task.type });
  const [error, maskOnly] = await outputErrors(weight, [stored.weight, masked(weight, solved.mask)], stats.gram, algebra);
  return {
    bytes: stored.bytes,
    zeros: solved.mask.data.reduce((zeros, kept) => zeros + 1 - kept, 0),
    relativeError: error.relative,
    maskOnlyError: maskOnly.relative,
    damping: Math.max(highest, first.damping, solved.damping),
    nudged: stored.nudged,
  };
}

async function makeChoice(task: LinearTask, recipe: Recipe['solve'], solver: Solver, algebra: Algebra): Promise<MaskChoice> {
  const { weight, stats, target } = task;
  const { method, ...options } = recipe.score;
  const criterion: Criterion = criteria[method];
  const { sequential } = criterion;
  if (solver.choosesMask && sequential?.(Float64Array.of(1), Float64Array.of(1), options))
    return { target, columnWeights: (diagonal, factor) => sequential(diagonal, factor, options)! };
  const saliency = await criterion.score({ weight, stats, damping: recipe.damping, algebra }, options);
  return { mask: chooseMask(saliency, weight, target, criterion.scope) };
}

async function finish(
  first: Solved,
  recipe: Recipe['solve'],
  common: Omit<Parameters<Solver['solve']>[0], 'start' | 'choice'>,
): Promise<Solved> {
  if (!recipe.finish) return first;
  const { method, ...options } = recipe.finish;
  const solver: Solver = solvers[method];
  return solver.solve({ ...common, start: first.weight, choice: { mask: first.mask } }, options);
}

function masked(weight: Matrix, mask: Mask): Matrix {
  const data = new Float32Array(weight.data.length);
  for (let i = 0; i < data.length; i++) if (mask.data[i]) data[i] = weight.data[i];
  return { ...weight, data };
}

/** A NaN or an infinity makes every figure after it worthless; `NOT_FINITE` naming the first. */
export function checkFinite(name: string, { data }: Matrix, where: 'in the checkpoint' | 'in the solver'): void {
  const at = data.findIndex(isNotFinite);
  if (at < 0) return;
  const hint = where === 'in the solver' ? 'Raise damping, or calibrate on more tokens.' : 'The checkpoint is damaged; get it anew.';
  throw new SecateurError('NOT_FINITE', `${name}: weight ${at} is ${data[at]} ${where}`, hint);
}

function isNotFinite(value: number): boolean {
  return !Number.isFinite(value);
}
