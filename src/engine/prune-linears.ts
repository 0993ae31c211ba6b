/** Solves linears of one block, of which all is known that their methods need, and writes what they become. */

import type { Linear } from '../families/family.ts';
import type { Target as SolveTarget } from '../methods/solver.ts';
import type { Statistics } from '../methods/statistics.ts';
import type { Matrix } from '../tensor/matrix.ts';
import { createRandom } from '../tensor/random.ts';
import { calibrate, inputsOf } from './calibrate.ts';
import { decodeWeights } from './checkpoint.ts';
import { type Context, throwIfCancelled } from './context.ts';
import type { Forward } from './forward.ts';
import type { HiddenStates } from './hidden.ts';
import type { BlockMatrix } from './journal.ts';
import type { PruneTask } from './prune.ts';
import { openRegion } from './region.ts';
import { type LinearResult, type LinearTask, solveBlock, solveLinear } from './solve.ts';
import { readTensor } from './target.ts';

/** What is known of the linears of a block. */
export interface Knowledge {
  /** By the input that linears share. */
  readonly statistics: ReadonlyMap<string, Statistics>;
  /** By tensor, where a method needs them. */
  readonly lossGradient?: ReadonlyMap<string, Matrix>;
  readonly blockGradient?: ReadonlyMap<string, Matrix>;
}

/** @param onSolved  told the share of them that is done */
export async function pruneOneByOne(
  task: PruneTask,
  linears: readonly Linear[],
  knowledge: Knowledge,
  onSolved: (share: number) => void,
  ctx: Context,
): Promise<BlockMatrix[]> {
  const matrices: BlockMatrix[] = [];
  for (const linear of linears) {
    throwIfCancelled(ctx.signal);
    const open = openTask(task, linear, knowledge);
    matrices.push(open ? write(task, linear, await solveLinear(open, task.recipe.solve, ctx.algebra)) : untouched(task, linear));
    onSolved(matrices.length / linears.length);
  }
  return matrices;
}

export interface WholeBlock {
  readonly forward: Forward;
  readonly block: number;
  /** What enters the block. */
  readonly hidden: HiddenStates;
  readonly knowledge: Knowledge;
  readonly onSolved: (share: number) => void;
}

/** All linears of a block, by a solver that is handed the block as a whole; those that are to stay as they are it does not see. */
export async function pruneTogether(
  task: PruneTask,
  { forward, block, hidden, knowledge, onSolved }: WholeBlock,
  ctx: Context,
): Promise<BlockMatrix[]> {
  const linears = forward.model.linears(block);
  const open = linears.flatMap((linear) => {
    const found = openTask(task, linear, knowledge);
    return found ? [{ linear, found }] : [];
  });
  const own = open.map(({ linear }) => linear);
  const results = new Map<Linear, LinearResult>();
  if (own.length > 0) {
    const tasks = open.map(({ found }) => found);
    await using region = await openRegion(forward, block, hidden, own);
    const lent = {
      windows: hidden.windows,
      outputError: region.outputError,
      calibrate: async (weights: readonly Matrix[]) => {
        const replaced = Object.fromEntries(own.map(({ tensor }, i) => [tensor, weights[i].data]));
        const statistics = await calibrate(forward, block, hidden, { inputs: inputsOf(own), passOn: false, onWindow: () => {}, replaced });
        return own.map(({ input }) => statistics.get(input)!);
      },
      // Every block has its own stream, so that a run that goes on with one draws as if it had come there by itself.
      random: createRandom(task.recipe.calibrate.seed + block * 2 ** 32),
      report: onSolved,
    };
    for (const [i, result] of (await solveBlock(tasks, lent, task.recipe.solve, ctx.algebra)).entries()) results.set(own[i], result);
  }
  return linears.map((linear) => {
    const result = results.get(linear);
    return result ? write(task, linear, result) : untouched(task, linear);
  });
}

/** `undefined` where the matrix stays as it is. */
function openTask(task: PruneTask, linear: Linear, knowledge: Knowledge): LinearTask | undefined {
  const { source, recipe, sourceZeros } = task;
  const { tensor } = linear;
  const { zeros } = plannedOf(task, linear);
  // A pattern says where the zeros have to be, so that having enough of them is not enough.
  if (zeros === 0 || (!recipe.pattern && zeros === sourceZeros[tensor])) return undefined;
  const entry = source.tensors.get(tensor)!;
  const [lossGradient, blockGradient] = [knowledge.lossGradient?.get(tensor), knowledge.blockGradient?.get(tensor)];
  const target: SolveTarget = recipe.pattern ?? { zeros };
  return {
    name: tensor,
    weight: decodeWeights(readTensor(source, entry), entry.type, linear.out, linear.in),
    type: entry.type,
    target,
    stats: {
      ...knowledge.statistics.get(linear.input)!,
      ...(lossGradient && { lossGradient }),
      ...(blockGradient && { blockGradient }),
    },
  };
}

function untouched(task: PruneTask, linear: Linear): BlockMatrix {
  const { sparsity, zeros: _zeros, ...facts } = plannedOf(task, linear);
  return { ...facts, asked: sparsity, zeros: task.sourceZeros[linear.tensor], relativeError: 0, maskOnlyError: 0, damping: 0, nudged: 0 };
}

function write(task: PruneTask, linear: Linear, solved: LinearResult): BlockMatrix {
  const { sparsity, zeros, ...facts } = plannedOf(task, linear);
  if (!task.recipe.pattern && solved.zeros !== zeros)
    throw new Error(`${linear.tensor}: ${solved.zeros} zeros where ${zeros} were planned`);
  const { bytes, ...result } = solved;
  task.target.write(task.source.tensors.get(linear.tensor)!, bytes);
  return { ...facts, asked: sparsity, ...result };
}

function plannedOf({ matrices }: PruneTask, { tensor }: Linear) {
  return matrices.find((matrix) => matrix.name === tensor)!;
}
