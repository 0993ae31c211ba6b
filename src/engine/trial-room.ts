/** What trials take of this machine, told before anything is computed. */

import type { TrialRequest } from '../methods/lab.ts';
import type { StatisticName } from '../methods/statistics.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { vocabularySlices } from './head.ts';
import { hiddenBytes } from './hidden.ts';
import { checkNeeds, runNeeds } from './needs.ts';
import type { Windows } from './texts.ts';
import { readPassage } from './tokens.ts';

/** So many trials at least go on to the end together, so that compiling the blocks that are left is little beside running them. */
export const together = 64;

/**
 * On top of a walk with statistics, trials take their states, the weights that are tried, and a block's weights three times over.
 *
 * @throws `MEMORY_SHORT`, `DISK_FULL`
 */
export async function checkTrialRoom(
  source: Checkpoint,
  text: Windows,
  request: Pick<TrialRequest<StatisticName>, 'spans' | 'versions' | 'windows' | 'length'>,
  ctx: Context,
): Promise<void> {
  const { model } = source;
  const { spans, versions } = request;
  const { windows, length } = readPassage(text, request);
  const walk = await runNeeds(source, { samples: text.samples, length: text.length, products: 1 }, ctx);
  // Besides those of the trials, the dense ones that enter the present block and those that leave the last.
  const states = (mostOpen(spans, model.nBlocks) + 2) * hiddenBytes({ windows, length, width: model.hiddenSize });
  const scratch = states > ctx.memoryLimitBytes / 4;
  const weights = model.linears(0).reduce((sum, linear) => sum + linear.out * linear.in, 0);
  const slices = vocabularySlices(model.vocabSize, length);
  const head = 3 * 4 * length * Math.max(...slices.map(({ from, to }) => to - from));
  const memoryBytes = walk.memoryBytes + (scratch ? ctx.memoryLimitBytes / 4 : states) + 4 * weights * (versions + 2) + head;
  checkNeeds({ memoryBytes, diskBytes: 0, scratchBytes: walk.scratchBytes + (scratch ? states : 0), seconds: 0 }, source.folder, ctx);
}

/** The most trials that have states of their own at one time: from their first block on, until they have gone on to the end. */
export function mostOpen(spans: TrialRequest<StatisticName>['spans'], nBlocks: number): number {
  let most = 0;
  let lasts: readonly number[] = [];
  for (let block = 0; block < nBlocks; block++) {
    lasts = [...lasts, ...spans.flatMap(([first, last]) => (first === block ? [last] : []))];
    most = Math.max(most, lasts.length);
    const left = lasts.filter((last) => last > block);
    if (lasts.length - left.length >= together) lasts = left;
  }
  return most;
}
