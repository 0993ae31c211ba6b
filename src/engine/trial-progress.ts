/** Tells how far trials are. */

import type { TrialRequest } from '../methods/lab.ts';
import type { StatisticName } from '../methods/statistics.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Context, throwIfCancelled } from './context.ts';
import { vocabularySlices } from './head.ts';
import type { Windows } from './texts.ts';
import type { Tokens } from './tokens.ts';

export interface TrialProgress {
  /** Before, or after, a window of the passage passes a block. */
  readonly run: () => void;
  /** Before one passes a slice of the head. */
  readonly head: () => void;
  /** Blocks of the dense walk done, fractional. */
  readonly walk: (blocks: number) => void;
}

/** The share of the whole in weights times tokens, roughly. */
export function createTrialProgress(
  { model, linears }: Checkpoint,
  text: Windows,
  { windows, length }: Tokens,
  { spans, versions, calibrates }: Pick<TrialRequest<StatisticName>, 'spans' | 'versions'> & { readonly calibrates: boolean },
  { signal, onProgress }: Context,
): TrialProgress {
  const { nBlocks } = model;
  const blockWeights = linears.reduce((sum, linear) => sum + linear.out * linear.in, 0) / nBlocks;
  const windowCost = length * blockWeights;
  // Of calibration, Grams are about as much as the block itself; of the head, comparing is about as much as the product.
  const calibrateCost = !calibrates ? 0 : 2 * text.samples * text.length * blockWeights;
  // Pruning a matrix takes some six products of it with its Gram: the sweep, and the errors that are measured.
  const pruneCost = (versions * 6 * linears.reduce((sum, linear) => sum + linear.out * linear.in ** 2, 0)) / nBlocks;
  const walkCost = calibrateCost + pruneCost;
  const headCost = 2 * windows * length * model.hiddenSize * model.vocabSize;
  const blocksRun = spans.reduce((sum, [first]) => sum + nBlocks - first, 2 * nBlocks);
  const total = blocksRun * windows * windowCost + nBlocks * walkCost + spans.length * headCost;
  const headRun = headCost / windows / vocabularySlices(model.vocabSize, length).length;
  let [runs, heads, walked] = [0, 0, 0];
  const tell = () => {
    throwIfCancelled(signal);
    const done = Math.min(1, (runs * windowCost + heads * headRun + walked * walkCost) / total);
    const detail = `block ${Math.min(nBlocks, Math.floor(walked) + 1)}/${nBlocks}`;
    onProgress({ step: 'measure', done, total: 1, unit: 'parts', detail });
  };
  return {
    run() {
      runs++;
      tell();
    },
    head() {
      heads++;
      tell();
    },
    walk(blocks) {
      walked = blocks;
      tell();
    },
  };
}
