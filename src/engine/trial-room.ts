/** What trials take of this machine, told before anything is computed. */

import type { TrialRequest } from '../methods/lab.ts';
import type { StatisticName } from '../methods/statistics.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
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
  const perBlock = Math.ceil(spans.length / model.nBlocks);
  const states = (Math.min(spans.length, together + 2 * perBlock) + 2) * hiddenBytes({ windows, length, width: model.hiddenSize });
  const scratch = states > ctx.memoryLimitBytes / 4;
  const weights = model.linears(0).reduce((sum, linear) => sum + linear.out * linear.in, 0);
  const head = 3 * Math.min(64 * 2 ** 20, 4 * length * model.vocabSize);
  const memoryBytes = walk.memoryBytes + (scratch ? ctx.memoryLimitBytes / 4 : states) + 4 * weights * (versions + 2) + head;
  checkNeeds({ memoryBytes, diskBytes: 0, scratchBytes: walk.scratchBytes + (scratch ? states : 0), seconds: 0 }, source.folder, ctx);
}
