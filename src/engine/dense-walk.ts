/** Walks over the blocks of the unpruned model, with the weights and the statistics of each block's linears. */

import { SecateurError } from '../error.ts';
import type { Slot } from '../methods/allocator.ts';
import type { BlockInput } from '../methods/measure.ts';
import type { StatisticName } from '../methods/statistics.ts';
import { calibrate, inputsOf } from './calibrate.ts';
import { type Checkpoint, decodeWeights } from './checkpoint.ts';
import { type Context, throwIfCancelled } from './context.ts';
import { embedWindows, type Forward } from './forward.ts';
import type { BlockStatistics, GramCache } from './gram-cache.ts';
import { createHiddenStates, type HiddenStates } from './hidden.ts';
import { slotsOf } from './plan.ts';
import { checkFinite } from './solve.ts';
import { readTensor } from './target.ts';
import type { Windows } from './texts.ts';

export interface DenseWalk<N extends StatisticName> {
  readonly source: Checkpoint;
  /** The calibration windows; absent where the text is not read. */
  readonly windows: Windows | undefined;
  /** Statistics that are there already are not found again; those that are not are kept. None, unless given. */
  readonly grams?: GramCache | undefined;
  readonly damping: number;
  /** None: the windows are not run through the model. */
  readonly needs: readonly N[];
  readonly look: (input: BlockInput<N>) => Promise<void>;
  /** Blocks done, with the part of the present one that its statistics are; fractional. */
  readonly onProgress: (blocks: number) => void;
}

/** @throws  `NOT_FINITE` naming the matrix, `CANCELLED`, and what `look` throws, naming the block at least */
export async function walkDense<N extends StatisticName>(walk: DenseWalk<N>, ctx: Context): Promise<void> {
  const { source, windows, needs } = walk;
  const { model } = source;
  const slots = new Map(slotsOf(source).map((slot) => [slot.name, slot]));
  if (!windows || needs.length === 0) {
    for (let block = 0; block < model.nBlocks; block++) await lookAt(walk, block, new Map(), slots, ctx);
    return;
  }
  using statistics = openStatistics(walk, windows, ctx);
  for (let block = 0; block < model.nBlocks; block++) await lookAt(walk, block, await statistics.of(block), slots, ctx);
}

/** How much of a block's time calibration takes, roughly; for the progress line only. */
const calibrateShare = 0.8;

interface DenseStatistics extends Disposable {
  /** Of one block after another. */
  of(block: number): Promise<BlockStatistics>;
}

/** From the first block on that the cache lacks, all are calibrated, since its states have to come through those before it. */
function openStatistics(
  { source, grams, onProgress }: Pick<DenseWalk<StatisticName>, 'source' | 'grams' | 'onProgress'>,
  windows: Windows,
  ctx: Context,
): DenseStatistics {
  const { model } = source;
  const forward: Forward = { model, weights: source.weights, runtime: ctx.runtime, signal: ctx.signal };
  let hidden: HiddenStates | undefined;
  return {
    async of(block) {
      const known = hidden ? undefined : grams?.read(block);
      if (known) return known;
      const first = hidden ? block : 0;
      if (!hidden) {
        grams?.prepare();
        hidden = createHiddenStates({ windows: windows.samples, length: windows.length, width: model.hiddenSize }, ctx);
        await embedWindows(forward, windows.ids, hidden);
      }
      const share = calibrateShare / (windows.samples * (block + 1 - first));
      const tell = (done: number) => onProgress(block + share * done);
      // By the very graphs of calibration, so that the states are those of a walk without a cache.
      for (let b = first; b < block; b++) await calibrateBlock(forward, b, hidden, (done) => tell((b - first) * windows.samples + done));
      const statistics = await calibrateBlock(forward, block, hidden, (done) => tell((block - first) * windows.samples + done));
      grams?.write(block, statistics);
      return statistics;
    },
    [Symbol.dispose]: () => hidden?.[Symbol.dispose](),
  };
}

function calibrateBlock(forward: Forward, block: number, hidden: HiddenStates, onWindow: (done: number) => void): Promise<BlockStatistics> {
  const { model } = forward;
  return calibrate(forward, block, hidden, {
    inputs: inputsOf(model.linears(block)),
    passOn: block < model.nBlocks - 1,
    onWindow,
  });
}

/** Hands over a block with its weights and statistics; an error that comes of one of its matrices names it. */
async function lookAt<N extends StatisticName>(
  { source, damping, look }: DenseWalk<N>,
  block: number,
  statistics: BlockStatistics,
  slots: ReadonlyMap<string, Slot>,
  { algebra, signal }: Context,
): Promise<void> {
  const { model } = source;
  const linears = model.linears(block).map((linear) => {
    throwIfCancelled(signal);
    const name = linear.tensor;
    const entry = source.tensors.get(name)!;
    const weight = decodeWeights(readTensor(source, entry), entry.type, linear.out, linear.in);
    checkFinite(name, weight, 'in the checkpoint');
    const stats = statistics.get(linear.input) as BlockInput<N>['linears'][number]['stats'];
    return { slot: slots.get(name)!, weight, stats, damping, algebra };
  });
  try {
    await look({ block, nBlocks: model.nBlocks, linears });
  } catch (error) {
    if (!(error instanceof SecateurError) || error.code === 'CANCELLED') throw error;
    // It may be of a matrix of an earlier block, whose trial goes on.
    if ([...slots.keys()].some((name) => error.message.includes(name))) throw error;
    throw new SecateurError(error.code, `block ${block + 1}: ${error.message}`, error.hint, { cause: error });
  }
}
