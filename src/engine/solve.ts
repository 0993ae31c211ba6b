/** Prunes one linear, or the linears of a block together, as the recipe says: score, choose, solve, finish, round; and measures it. */

import { SecateurError } from '../error.ts';
import type { Algebra } from '../methods/algebra.ts';
import type { Criterion } from '../methods/criterion.ts';
import { chooseMask } from '../methods/mask-rule.ts';
import { outputErrors } from '../methods/output-error.ts';
import { criteria } from '../methods/score/index.ts';
import { settle } from '../methods/settle.ts';
import { solvers } from '../methods/solve/index.ts';
import type { LinearSolver, MaskChoice, Region, Solved, SolveInput, Solver, Target } from '../methods/solver.ts';
import type { LinearStatisticName, LinearStatistics, Statistics } from '../methods/statistics.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Mask, Matrix } from '../tensor/matrix.ts';
import type { Random } from '../tensor/random.ts';
import type { WeightType } from './checkpoint.ts';

export interface LinearTask {
  readonly name: string;
  readonly weight: Matrix;
  readonly type: WeightType;
  readonly target: Target;
  /** Those that `neededStatistics` names are there. */
  readonly stats: AvailableStatistics;
}

export type AvailableStatistics = Statistics & Partial<LinearStatistics>;

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

/** What a block solver is lent beside its linears. */
export interface BlockTask {
  readonly windows: number;
  readonly outputError: Region['outputError'];
  /** The statistics of every linear's input with these weights in the block. */
  readonly calibrate: (weights: readonly Matrix[]) => Promise<readonly Statistics[]>;
  readonly random: Random;
  readonly report: (share: number) => void;
}

export async function solveLinear(task: LinearTask, recipe: Recipe['solve'], algebra: Algebra): Promise<LinearResult> {
  return named(task.name, async () => {
    const { method, score: _score, damping: _damping, finish: _finish, ...options } = recipe;
    const solver: Solver = solvers[method];
    if (solver.scope !== 'linear') throw new TypeError(`${method} solves whole blocks`);
    const { weight } = task;
    checkFinite(task.name, weight, 'in the checkpoint');
    const watched = watchDamping(algebra);
    const choice = await makeChoice(task, recipe, solver, watched.algebra);
    const start = 'mask' in choice ? masked(weight, choice.mask) : weight;
    const first = await solver.solve({ ...inputOf(task, recipe, watched.algebra), start, choice }, options);
    return conclude(task, first, recipe, watched);
  });
}

/** Prunes the linears of one block together; the results are in their order. */
export async function solveBlock(
  tasks: readonly LinearTask[],
  { windows, outputError, calibrate, random, report }: BlockTask,
  recipe: Recipe['solve'],
  algebra: Algebra,
): Promise<LinearResult[]> {
  const { method, score: _score, damping: _damping, finish: _finish, ...options } = recipe;
  const solver: Solver = solvers[method];
  if (solver.scope !== 'block') throw new TypeError(`${method} solves one linear after another`);
  for (const { name, weight } of tasks) checkFinite(name, weight, 'in the checkpoint');
  const watched = tasks.map(() => watchDamping(algebra));
  const chooseMasks: Region['chooseMasks'] = async (weights) => {
    const statistics = await calibrate(weights);
    const masks: Mask[] = [];
    for (const [i, task] of tasks.entries()) {
      const now = { ...task, stats: { ...task.stats, ...statistics[i] } };
      masks.push(await named(task.name, () => scoreMask(now, weights[i], recipe, watched[i].algebra)));
    }
    return masks;
  };
  const solved = await solver.solve({ linears: tasks, region: { windows, outputError, chooseMasks }, random, report }, options);
  const results: LinearResult[] = [];
  for (const [i, task] of tasks.entries()) results.push(await named(task.name, () => conclude(task, solved[i], recipe, watched[i])));
  return results;
}

/** Statistics and factors are shared by several linears, so what goes wrong in them does not know for which. */
async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SecateurError) || error.message.includes(name)) throw error;
    throw new SecateurError(error.code, `${name}: ${error.message}`, error.hint, { cause: error });
  }
}

interface Watched {
  readonly algebra: Algebra;
  /** The highest that a factor took. */
  readonly damping: () => number;
}

/** Whoever asks for a factor, criterion or solver: the damping it took is what the report has to name. */
function watchDamping(algebra: Algebra): Watched {
  let highest = 0;
  return {
    algebra: {
      ...algebra,
      async inverseFactor(gram, damping) {
        const factor = await algebra.inverseFactor(gram, damping);
        highest = Math.max(highest, factor.damping);
        return factor;
      },
    },
    damping: () => highest,
  };
}

type LinearInput = Omit<SolveInput<LinearStatisticName>, 'start' | 'choice'>;

function inputOf({ name, weight, stats }: LinearTask, { damping }: Recipe['solve'], algebra: Algebra): LinearInput {
  return { name, weight, stats: stats as LinearStatistics, damping, algebra };
}

async function makeChoice(task: LinearTask, recipe: Recipe['solve'], solver: LinearSolver, algebra: Algebra): Promise<MaskChoice> {
  const { method, ...options } = recipe.score;
  const { sequential }: Criterion = criteria[method];
  const columnWeights = (diagonal: Float64Array, factor: Float64Array) =>
    sequential?.(diagonal, factor, options, task.stats as LinearStatistics);
  if (solver.choosesMask && columnWeights(Float64Array.of(1), Float64Array.of(1)))
    return { target: task.target, columnWeights: (diagonal, factor) => columnWeights(diagonal, factor)! };
  return { mask: await scoreMask(task, task.weight, recipe, algebra) };
}

/** The mask of a linear whose weights are now others than the source's, whose zeros stay zeros all the same. */
async function scoreMask({ weight, stats, target }: LinearTask, now: Matrix, recipe: Recipe['solve'], algebra: Algebra): Promise<Mask> {
  const { method, ...options } = recipe.score;
  const criterion: Criterion = criteria[method];
  const saliency = await criterion.score({ weight: now, stats: stats as LinearStatistics, damping: recipe.damping, algebra }, options);
  return chooseMask(saliency, weight, target, criterion.scope);
}

/** Finishes, rounds and measures. */
async function conclude(task: LinearTask, first: Solved, recipe: Recipe['solve'], watched: Watched): Promise<LinearResult> {
  const { name, weight, stats, type } = task;
  const solved = await finish(task, first, recipe, watched.algebra);
  checkFinite(name, solved.weight, 'in the solver');
  const stored = settle({ name, weight: solved.weight, mask: solved.mask, type });
  const [error, maskOnly] = await outputErrors(weight, [stored.weight, masked(weight, solved.mask)], stats.gram, watched.algebra);
  return {
    bytes: stored.bytes,
    zeros: solved.mask.data.reduce((zeros, kept) => zeros + 1 - kept, 0),
    relativeError: error.relative,
    maskOnlyError: maskOnly.relative,
    damping: Math.max(watched.damping(), first.damping, solved.damping),
    nudged: stored.nudged,
  };
}

async function finish(task: LinearTask, first: Solved, recipe: Recipe['solve'], algebra: Algebra): Promise<Solved> {
  if (!recipe.finish) return first;
  const { method, ...options } = recipe.finish;
  const solver: Solver = solvers[method];
  if (solver.scope !== 'linear') throw new TypeError(`${method} solves whole blocks`);
  return solver.solve({ ...inputOf(task, recipe, algebra), start: first.weight, choice: { mask: first.mask } }, options);
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
