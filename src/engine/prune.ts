/** The walk through the blocks: calibrate, solve, write, pass on; what is finished is journaled block by block. */

import type { Linear } from '../families/family.ts';
import type { Target as SolveTarget } from '../methods/solver.ts';
import type { PlannedMatrix } from '../protocol/data.ts';
import type { Recipe } from '../recipe/schema.ts';
import { calibrate } from './calibrate.ts';
import { type Checkpoint, decodeWeights } from './checkpoint.ts';
import { type Context, throwIfCancelled } from './context.ts';
import { embedWindows, type Forward, runBlock } from './forward.ts';
import { createHiddenStates, type HiddenStates } from './hidden.ts';
import type { BlockMatrix } from './journal.ts';
import { solveLinear } from './solve.ts';
import { createStopwatch, type Stopwatch } from './stopwatch.ts';
import { readTensor, type Target } from './target.ts';
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

/** How much of a block's time each part takes, roughly; for the progress line only. */
const shares = { calibrate: 0.45, solve: 0.15, forward: 0.4 };

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
  using hidden = createHiddenStates({ windows: windows.samples, length: windows.length, width: model.hiddenSize }, ctx);
  await embedWindows(forward, windows.ids, hidden);
  for (let block = 0; block < model.nBlocks; block++) {
    const walk: Walk = { task, ctx, forward, hidden, block, stopwatch: createStopwatch() };
    // Where a block was begun and not finished, its tensors may hold anything.
    if (block === nDone) target.restore(model.linears(block).map((linear) => source.tensors.get(linear.tensor)!));
    if (block < nDone) await replayBlock(walk);
    else onBlock(await pruneBlock(walk));
  }
}

interface Walk {
  readonly task: PruneTask;
  readonly ctx: Context;
  readonly forward: Forward;
  readonly hidden: HiddenStates;
  readonly block: number;
  readonly stopwatch: Stopwatch;
}

async function pruneBlock(walk: Walk): Promise<readonly BlockMatrix[]> {
  const { task, forward, hidden, block, stopwatch } = walk;
  const linears = forward.model.linears(block);
  const inputs = [...new Set(linears.map((linear) => linear.input))];
  const dense = task.recipe.calibrate.flow === 'dense';
  // True-sequential calibrates each group of linears on what the pruned ones before it give; the others do all at once.
  const groups = task.recipe.calibrate.flow === 'true-sequential' ? inputs.map((input) => [input]) : [inputs];
  const matrices: BlockMatrix[] = [];
  for (const [groupIdx, group] of groups.entries()) {
    const onWindow = (done: number) => report(walk, 'calibrate', (groupIdx + done / hidden.windows) / groups.length);
    const statistics = await stopwatch.time('calibrate', () =>
      calibrate(forward, block, hidden, { inputs: group, passOn: dense, onWindow }),
    );
    for (const linear of linears.filter(({ input }) => group.includes(input))) {
      throwIfCancelled(walk.ctx.signal);
      matrices.push(await stopwatch.time('solve', () => pruneLinear(task, walk.ctx, linear, statistics.get(linear.input)!)));
      report(walk, 'solve', matrices.length / linears.length);
    }
  }
  const isLast = block === forward.model.nBlocks - 1;
  if (!dense && !isLast) await stopwatch.time('forward', () => passOn(walk));
  task.target.sync();
  task.target.journal.append({ type: 'block', block, matrices, steps: stopwatch.steps() });
  return matrices;
}

/** Carries the hidden states through a block that is pruned already, by the very graph that an uninterrupted run would use. */
async function replayBlock(walk: Walk): Promise<void> {
  const { task, forward, hidden, block } = walk;
  if (task.recipe.calibrate.flow !== 'dense') return passOn(walk);
  const inputs = [...new Set(forward.model.linears(block).map((linear) => linear.input))];
  const onWindow = (done: number) => report(walk, 'forward', done / hidden.windows);
  await calibrate({ ...forward, weights: task.source.weights }, block, hidden, { inputs, passOn: true, onWindow });
}

async function passOn(walk: Walk): Promise<void> {
  await runBlock(walk.forward, walk.block, walk.hidden, (done) => report(walk, 'forward', done / walk.hidden.windows));
}

async function pruneLinear(
  task: PruneTask,
  ctx: Context,
  linear: Linear,
  stats: Parameters<typeof solveLinear>[0]['stats'],
): Promise<BlockMatrix> {
  const { source, target, recipe } = task;
  const planned = task.matrices.find((matrix) => matrix.name === linear.tensor)!;
  const entry = source.tensors.get(linear.tensor)!;
  const { sparsity, zeros, ...facts } = planned;
  const sourceZeros = task.sourceZeros[linear.tensor];
  // A pattern says where the zeros have to be, so that having enough of them is not enough.
  if (zeros === 0 || (!recipe.pattern && zeros === sourceZeros))
    return { ...facts, asked: sparsity, zeros: sourceZeros, relativeError: 0, maskOnlyError: 0, damping: 0, nudged: 0 };
  const weight = decodeWeights(readTensor(source, entry), entry.type, linear.out, linear.in);
  const goal: SolveTarget = recipe.pattern ?? { zeros };
  const solved = await solveLinear({ name: linear.tensor, weight, type: entry.type, target: goal, stats }, recipe.solve, ctx.algebra);
  if (!recipe.pattern && solved.zeros !== zeros) throw new Error(`${linear.tensor}: ${solved.zeros} zeros where ${zeros} were planned`);
  const { bytes, ...result } = solved;
  target.write(entry, bytes);
  return { ...facts, asked: sparsity, ...result };
}

function report({ ctx, block, forward }: Walk, part: keyof typeof shares, share: number): void {
  const before = { calibrate: 0, solve: shares.calibrate, forward: shares.calibrate + shares.solve }[part];
  const total = forward.model.nBlocks;
  ctx.onProgress({
    step: 'prune',
    done: block + before + share * shares[part],
    total,
    unit: 'blocks',
    detail: `block ${block + 1}/${total} ${part}`,
  });
}
