/** Runs the model with matrices replaced, a block in memory at a time, and says how far its predictions move. */

import { SecateurError } from '../error.ts';
import type { Replacement, Shift, TrialRequest } from '../methods/lab.ts';
import type { BlockInput, LinearInput } from '../methods/measure.ts';
import type { StatisticName } from '../methods/statistics.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { walkDense } from './dense-walk.ts';
import { embedWindows, type Forward, runBlock } from './forward.ts';
import type { GramCache } from './gram-cache.ts';
import { createHiddenStates, type HiddenStates, hiddenBytes } from './hidden.ts';
import type { Windows } from './texts.ts';
import { readPassage, type Tokens } from './tokens.ts';
import { compileBlock, runWindows } from './trial-block.ts';
import { measureShifts } from './trial-head.ts';
import { createTrialProgress, type TrialProgress } from './trial-progress.ts';
import { together } from './trial-room.ts';

export interface TrialTask {
  readonly source: Checkpoint;
  /** The calibration windows. */
  readonly text: Windows;
  /** None, unless given. */
  readonly grams?: GramCache | undefined;
  readonly damping: number;
}

/**
 * Trials are carried along with a walk over the dense model, each from its first replacement on: before that its states are the dense
 * ones. Those that replace nothing any more wait until there are enough of them to go on to the end together.
 *
 * @returns  one a trial, in their order
 * @throws   `NOT_FINITE` naming a matrix, `CANCELLED`; see `checkTrialRoom` for what it takes
 */
export async function tryOut<N extends StatisticName>(
  { source, text, grams, damping }: TrialTask,
  request: TrialRequest<N>,
  ctx: Context,
): Promise<Shift[]> {
  const { model } = source;
  const passage = readPassage(text, request, request.firstWindow);
  const forward: Forward = { model, weights: source.weights, runtime: ctx.runtime, signal: ctx.signal };
  const calibrates = request.needs.length > 0 && !grams?.isWhole();
  const progress = createTrialProgress(source, text, passage, { ...request, calibrates }, ctx);
  using pool = createPool({ windows: passage.windows, length: passage.length, width: model.hiddenSize }, ctx);
  const end = pool.open();
  await embedWindows(forward, passage.ids, end);
  for (let block = 0; block < model.nBlocks; block++) await runBlock(forward, block, end, progress.run);
  const dense = pool.open();
  await embedWindows(forward, passage.ids, dense);
  const walk: Walk = { request, forward, passage, pool, dense, end, progress, open: new Map(), names: new Map(), shifts: [] };
  const look = async (input: BlockInput<N>) => lookAt(walk, input, await request.propose(input));
  await walkDense({ source, windows: text, grams, damping, needs: request.needs, look, onProgress: progress.walk }, ctx);
  return request.spans.map((_, trial) => walk.shifts[trial] ?? { kl: 0, nll: 0 });
}

/** A block, as far as trials look at it. */
interface Block {
  readonly block: number;
  readonly linears: readonly Pick<LinearInput, 'slot' | 'weight'>[];
}

interface Walk {
  readonly request: Pick<TrialRequest<StatisticName>, 'spans' | 'onShift'>;
  readonly forward: Forward;
  readonly passage: Tokens;
  readonly pool: Pool;
  /** States of the passage that enter the present block of the dense model. */
  readonly dense: HiddenStates;
  /** Those that leave its last one. */
  readonly end: HiddenStates;
  readonly progress: TrialProgress;
  /** Trials that have left the dense model, with their states. */
  readonly open: Map<number, HiddenStates>;
  /** What each of them replaced first, for errors. */
  readonly names: Map<number, string>;
  /** Those that are known, by trial. */
  readonly shifts: Shift[];
}

async function lookAt(walk: Walk, input: Block, replacements: readonly Replacement[]): Promise<void> {
  const { request, open, forward, progress } = walk;
  const { block } = input;
  await runReplaced(walk, input, groupReplacements(replacements, input));
  progress.walk(block + 1);
  const isLast = block === forward.model.nBlocks - 1;
  const done = [...open.keys()].filter((trial) => request.spans[trial][1] <= block);
  if (done.length === 0 || (done.length < together && !isLast)) return;
  for (let next = block + 1; next < forward.model.nBlocks; next++) {
    await using program = await compileBlock(forward, next, walk.passage.length, new Set());
    for (const trial of done) await runWindows(program, open.get(trial)!, open.get(trial)!, {}, progress.run);
  }
  await finish(walk, done);
}

/** Runs the block for all trials that differ from the dense model, and for the dense model itself. */
async function runReplaced(walk: Walk, input: Block, replaced: ReadonlyMap<number, readonly Replacement[]>): Promise<void> {
  const { forward, passage, open, dense, pool, progress, names } = walk;
  const tensorOf = (linear: number) => input.linears[linear].slot.name;
  if (replaced.size > 0) {
    const fed = new Set([...replaced.values()].flat().map(({ linear }) => tensorOf(linear)));
    const own = Object.fromEntries(
      input.linears.filter(({ slot }) => fed.has(slot.name)).map(({ slot, weight }) => [slot.name, weight.data]),
    );
    await using program = await compileBlock(forward, input.block, passage.length, fed);
    for (const [trial, replacements] of replaced) {
      const weights = { ...own, ...Object.fromEntries(replacements.map(({ linear, weight }) => [tensorOf(linear), weight.data])) };
      const before = open.get(trial) ?? dense;
      const states = open.get(trial) ?? pool.open();
      await runWindows(program, before, states, weights, progress.run);
      open.set(trial, states);
      if (!names.has(trial)) names.set(trial, tensorOf(replacements[0].linear));
    }
  }
  await using program = await compileBlock(forward, input.block, passage.length, new Set());
  for (const [trial, states] of open) if (!replaced.has(trial)) await runWindows(program, states, states, {}, progress.run);
  await runWindows(program, dense, dense, {}, progress.run);
}

/** By trial; a replacement that is the dense weight itself is none, so that what it does is exactly nothing. */
function groupReplacements(replacements: readonly Replacement[], { linears }: Block): Map<number, Replacement[]> {
  const byTrial = new Map<number, Replacement[]>();
  for (const replacement of replacements) {
    const dense = linears[replacement.linear].weight.data;
    if (replacement.weight.data.every((value, at) => value === dense[at])) continue;
    byTrial.set(replacement.trial, [...(byTrial.get(replacement.trial) ?? []), replacement]);
  }
  return byTrial;
}

async function finish({ request, forward, passage, pool, end, progress, open, names, shifts }: Walk, trials: readonly number[]) {
  const states = trials.map((trial) => open.get(trial)!);
  const found = await measureShifts(forward, passage, end, states, progress.head);
  for (const [i, trial] of trials.entries()) {
    const shift = found[i];
    if (!Number.isFinite(shift.kl) || !Number.isFinite(shift.nll))
      throw new SecateurError(
        'NOT_FINITE',
        `${names.get(trial)}: with it pruned, the model’s predictions are ${shift.kl} from the dense ones`,
        'Raise damping, or calibrate on more tokens.',
      );
    shifts[trial] = shift;
    request.onShift?.(trial, shift);
    pool.close(open.get(trial)!);
    open.delete(trial);
  }
}

interface Pool extends Disposable {
  open(): HiddenStates;
  close(states: HiddenStates): void;
}

/** States of trials, in memory as long as all together stay within a quarter of the limit, in scratch files beyond that. */
function createPool(shape: Parameters<typeof createHiddenStates>[0], { memoryLimitBytes, scratchFolder }: Context): Pool {
  const opened = new Set<HiddenStates>();
  const close = (states: HiddenStates) => {
    states[Symbol.dispose]();
    opened.delete(states);
  };
  return {
    open() {
      const left = memoryLimitBytes / 4 - opened.size * hiddenBytes(shape);
      const states = createHiddenStates(shape, { memoryLimitBytes: 4 * left, scratchFolder });
      opened.add(states);
      return states;
    },
    close,
    [Symbol.dispose]() {
      for (const states of opened) close(states);
    },
  };
}
