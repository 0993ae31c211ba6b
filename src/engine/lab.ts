/** Lends a measure what it may do with the model: walks over its blocks, gradients, curvatures, and trials with matrices replaced. */

import type { Lab } from '../methods/lab.ts';
import type { LinearInput } from '../methods/measure.ts';
import type { Measured } from '../methods/sensitivity.ts';
import type { Progress } from '../protocol/data.ts';
import { defaultSolve } from '../recipe/default-solve.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Matrix } from '../tensor/matrix.ts';
import { countZeros } from '../tensor/select.ts';
import { type Checkpoint, decodeWeights } from './checkpoint.ts';
import type { Context } from './context.ts';
import { walkDense } from './dense-walk.ts';
import { curvatures, gradientNorms, meanGradientNorms, outputGradients } from './gradients.ts';
import { slotsOf } from './plan.ts';
import { solveLinear } from './solve.ts';
import { neededStatistics, solvesBlocks } from './solve-work.ts';
import type { Windows } from './texts.ts';
import { checkTrialRoom } from './trial-room.ts';
import { tryOut } from './trials.ts';

/** What a lab works on. */
export interface LabTask {
  readonly source: Checkpoint;
  /** Absent where the measure reads no text. */
  readonly windows: Windows | undefined;
  readonly seed: number;
  readonly solve: Recipe['solve'];
}

export function createLab(task: LabTask, lent: Context, onFound: (found: ReadonlyMap<number, Measured>) => void): Lab {
  const { source, windows, seed, solve } = task;
  let stage: readonly [from: number, to: number] = [0, 1];
  const ctx: Context = { ...lent, onProgress: (progress) => lent.onProgress(within(stage, progress)) };
  const report = (share: number, detail: string) => ctx.onProgress({ step: 'measure', done: share, total: 1, unit: 'parts', detail });
  const text = () => {
    if (!windows) throw new TypeError('a measure that needs nothing has no text');
    return windows;
  };
  return {
    slots: slotsOf(source),
    windows: windows?.samples ?? 0,
    length: windows?.length ?? 0,
    seed,
    damping: solve.damping,
    algebra: ctx.algebra,
    eachBlock(needs, look) {
      const { nBlocks } = source.model;
      const onProgress = (blocks: number) => report(blocks / nBlocks, `block ${Math.floor(blocks) + 1}/${nBlocks}`);
      return walkDense({ source, windows, damping: solve.damping, needs, look, onProgress }, ctx);
    },
    gradientNorms: (request) => gradientNorms(source, text(), request, ctx),
    outputGradients: (request) => outputGradients(source, text(), request, ctx),
    meanGradientNorms: (passage) => meanGradientNorms(source, text(), passage, ctx),
    curvatures: (request) => curvatures(source, text(), request, ctx),
    prune: (linear, sparsity) => prune(task, linear, sparsity, ctx),
    async tryOut(request) {
      await checkTrialRoom(source, text(), request, ctx);
      return tryOut({ source, text: text(), damping: solve.damping }, request, ctx);
    },
    stage(from, to) {
      stage = [from, to];
    },
    report,
    found: onFound,
  };
}

function within([from, to]: readonly [from: number, to: number], progress: Progress): Progress {
  const { step, done, total } = progress;
  return step === 'measure' ? { ...progress, done: total * (from + (to - from) * (done / total)) } : progress;
}

/** Zeros that the matrix has already are among those asked for, and there is never one fewer. */
async function prune(
  { source, solve }: LabTask,
  { slot, weight, stats }: LinearInput,
  sparsity: number,
  { algebra }: Context,
): Promise<Matrix> {
  const { type } = source.tensors.get(slot.name)!;
  const size = slot.out * slot.in;
  const zeros = Math.max(Math.round(sparsity * size), countZeros(weight.data, [size])[0]);
  const { bytes } = await solveLinear({ name: slot.name, weight, type, target: { zeros }, stats }, solveAlone(solve), algebra);
  return decodeWeights(bytes, type, slot.out, slot.in);
}

/** The solve step itself, if one linear's statistics are all it takes; with the default method and criterion otherwise. */
function solveAlone(solve: Recipe['solve']): Recipe['solve'] {
  const needed = neededStatistics(solve);
  if (!solvesBlocks(solve) && !needed.has('lossGradient') && !needed.has('blockGradient')) return solve;
  return { ...defaultSolve(), damping: solve.damping, ...(solve.finish && { finish: solve.finish }) };
}
