/** The walk through the blocks: calibrate, solve, write, pass on; what is finished is journaled block by block. */

import type { PlannedMatrix } from '../protocol/data.ts';
import type { Recipe } from '../recipe/schema.ts';
import { calibrate, inputsOf } from './calibrate.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { embedWindows, type Forward, runBlock } from './forward.ts';
import { createHiddenStates, type HiddenStates } from './hidden.ts';
import type { BlockMatrix } from './journal.ts';
import { type LossGradients, takeLossGradients } from './loss-gradients.ts';
import { type Knowledge, pruneOneByOne, pruneTogether } from './prune-linears.ts';
import { blockGradients } from './region.ts';
import { gradientWindows, neededStatistics, solvesBlocks } from './solve-work.ts';
import { createStopwatch, type Stopwatch } from './stopwatch.ts';
import type { Target } from './target.ts';
import type { Windows } from './texts.ts';

export interface PruneTask {
  readonly source: Checkpoint;
  readonly target: Target;
  readonly recipe: Recipe;
  readonly windows: Windows;
  readonly matrices: readonly PlannedMatrix[];
  /** Zeros each matrix has in the source. */
  readonly sourceZeros: Readonly<Record<string, number>>;
}

/**
 * Prunes every block that the journal does not have yet.
 *
 * @param onBlock  called for every block, those that the journal has first
 */
export async function pruneBlocks(
  task: PruneTask,
  ctx: Context,
  onBlock: (matrices: readonly BlockMatrix[]) => void = () => {},
): Promise<void> {
  const { source, target, windows } = task;
  const { model } = source;
  const finished = target.journal.entries.flatMap((entry) => (entry.type === 'block' ? [entry.matrices] : []));
  for (const matrices of finished) onBlock(matrices);
  const nDone = finished.length;
  if (nDone === model.nBlocks) return;
  const forward: Forward = { model, weights: target.weights, runtime: ctx.runtime, signal: ctx.signal };
  const beforehand = createStopwatch();
  using lossGradients = await lossGradientsFor(task, beforehand, ctx);
  using hidden = createHiddenStates({ windows: windows.samples, length: windows.length, width: model.hiddenSize }, ctx);
  await embedWindows(forward, windows.ids, hidden);
  for (let block = 0; block < model.nBlocks; block++) {
    // What was done beforehand for all blocks is told with the first of them.
    const stopwatch = block === nDone ? beforehand : createStopwatch();
    const walk: Walk = { task, ctx, forward, hidden, block, lossGradients, stopwatch };
    // Where a block was begun and not finished, its tensors may hold anything.
    if (block === nDone) target.restore(model.linears(block).map((linear) => source.tensors.get(linear.tensor)!));
    if (block < nDone) await replayBlock(walk);
    else onBlock(await pruneBlock(walk));
  }
}

/** Of the dense model, for all blocks at once; `null` where no method of the recipe needs them. */
async function lossGradientsFor(task: PruneTask, stopwatch: Stopwatch, ctx: Context): Promise<LossGradients | null> {
  const { source, recipe, windows } = task;
  const nWindows = gradientWindows(recipe.solve);
  if (nWindows === 0) return null;
  const total = source.model.nBlocks;
  const onProgress = (share: number, detail: string) =>
    ctx.onProgress({
      step: 'prune',
      done: 0,
      total,
      unit: 'blocks',
      detail: `gradients of the loss, ${Math.round(100 * share)} %: ${detail}`,
    });
  return stopwatch.time('gradients', () => takeLossGradients(source, windows, nWindows, ctx, onProgress));
}

interface Walk {
  readonly task: PruneTask;
  readonly ctx: Context;
  readonly forward: Forward;
  readonly hidden: HiddenStates;
  readonly block: number;
  readonly lossGradients: LossGradients | null;
  readonly stopwatch: Stopwatch;
}

async function pruneBlock(walk: Walk): Promise<readonly BlockMatrix[]> {
  const { task, ctx, forward, hidden, block, stopwatch } = walk;
  const linears = forward.model.linears(block);
  const together = solvesBlocks(task.recipe.solve);
  const gradients = await gradientsOf(walk);
  // True-sequential calibrates each group of linears on what the pruned ones before it give; the others do all at once.
  const oneByOne = task.recipe.calibrate.flow === 'true-sequential' && !together;
  const groups = oneByOne ? inputsOf(linears).map((input) => [input]) : [inputsOf(linears)];
  const matrices: BlockMatrix[] = [];
  for (const [groupIdx, group] of groups.entries()) {
    const onWindow = (done: number) => report(walk, 'calibrate', (groupIdx + done / hidden.windows) / groups.length);
    const statistics = await stopwatch.time('calibrate', () =>
      calibrate(forward, block, hidden, { inputs: group, passOn: passesOnInCalibration(task.recipe), onWindow }),
    );
    const knowledge: Knowledge = { statistics, ...gradients };
    const own = linears.filter(({ input }) => group.includes(input));
    const onSolved = (share: number) => report(walk, 'solve', (matrices.length + share * own.length) / linears.length);
    const solved = await stopwatch.time('solve', () =>
      together
        ? pruneTogether(task, { forward, block, hidden, knowledge, onSolved }, ctx)
        : pruneOneByOne(task, own, knowledge, onSolved, ctx),
    );
    matrices.push(...solved);
  }
  const isLast = block === forward.model.nBlocks - 1;
  if (!passesOnInCalibration(task.recipe) && !isLast) await stopwatch.time('forward', () => passOn(walk));
  task.target.sync();
  task.target.journal.append({ type: 'block', block, matrices, steps: stopwatch.steps() });
  return matrices;
}

/** Before anything in the block is pruned. */
async function gradientsOf(walk: Walk): Promise<Omit<Knowledge, 'statistics'>> {
  const { task, forward, hidden, block, lossGradients, stopwatch } = walk;
  const lossGradient = lossGradients?.read(block);
  if (!neededStatistics(task.recipe.solve).has('blockGradient')) return { ...(lossGradient && { lossGradient }) };
  const onWindow = (done: number) => report(walk, 'calibrate', done / hidden.windows);
  const blockGradient = await stopwatch.time('calibrate', () =>
    blockGradients(forward, block, hidden, forward.model.linears(block), onWindow),
  );
  return { blockGradient, ...(lossGradient && { lossGradient }) };
}

/** In dense flow the pass that measures a block carries the states on as well, unless a solver looks at them again. */
function passesOnInCalibration({ calibrate: { flow }, solve }: Recipe): boolean {
  return flow === 'dense' && !solvesBlocks(solve);
}

/** Carries the hidden states through a block that is pruned already, by the very graph that an uninterrupted run would use. */
async function replayBlock(walk: Walk): Promise<void> {
  const { task, forward, hidden, block } = walk;
  if (!passesOnInCalibration(task.recipe)) return passOn(walk);
  const inputs = inputsOf(forward.model.linears(block));
  const onWindow = (done: number) => report(walk, 'forward', done / hidden.windows);
  await calibrate({ ...forward, weights: task.source.weights }, block, hidden, { inputs, passOn: true, onWindow });
}

async function passOn(walk: Walk): Promise<void> {
  const { task, forward, block, hidden } = walk;
  const weights = task.recipe.calibrate.flow === 'dense' ? task.source.weights : forward.weights;
  await runBlock({ ...forward, weights }, block, hidden, (done) => report(walk, 'forward', done / hidden.windows));
}

/** How much of a block's time each part takes, roughly; for the progress line only. */
const shares = { calibrate: 0.45, solve: 0.15, forward: 0.4 };
const sharesTogether = { calibrate: 0.1, solve: 0.85, forward: 0.05 };

function report({ task, ctx, block, forward }: Walk, part: keyof typeof shares, share: number): void {
  const all = solvesBlocks(task.recipe.solve) ? sharesTogether : shares;
  const before = { calibrate: 0, solve: all.calibrate, forward: all.calibrate + all.solve }[part];
  const total = forward.model.nBlocks;
  ctx.onProgress({
    step: 'prune',
    done: block + before + share * all[part],
    total,
    unit: 'blocks',
    detail: `block ${block + 1}/${total} ${part}`,
  });
}
