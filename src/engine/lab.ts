/** Lends a measure what it may do with the model: walks over its blocks, gradients, curvatures, and trials with matrices replaced. */

import type { Lab } from '../methods/lab.ts';
import type { LinearInput } from '../methods/measure.ts';
import type { Measured } from '../methods/sensitivity.ts';
import type { Progress } from '../protocol/data.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Matrix } from '../tensor/matrix.ts';
import { countZeros } from '../tensor/select.ts';
import { type Checkpoint, decodeWeights } from './checkpoint.ts';
import type { Context } from './context.ts';
import { walkDense } from './dense-walk.ts';
import { curvatures, gradientNorms, meanGradientNorms, outputGradients } from './gradients.ts';
import type { GramCache } from './gram-cache.ts';
import type { Notes } from './notes.ts';
import { slotsOf } from './plan.ts';
import { solveLinear } from './solve.ts';
import { solveAlone } from './solve-alone.ts';
import type { SolvedStore } from './solved-store.ts';
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
  /** Statistics that are kept from one walk to the next; none, unless given. */
  readonly grams?: GramCache | undefined;
  /** Matrices that are kept from one asking to the next; none, unless given. */
  readonly solved?: SolvedStore | undefined;
  /** For a measure whose card says `anytime`. */
  readonly notes?: Notes | undefined;
}

export function createLab(task: LabTask, lent: Context, onFound: (found: ReadonlyMap<number, Measured>) => void): Lab {
  const { source, windows, seed, solve, grams } = task;
  const startedMs = performance.now();
  let stage: Stage = { from: 0, to: 1, title: '' };
  const ctx: Context = { ...lent, onProgress: (progress) => lent.onProgress(within(stage, progress)) };
  const report = (share: number, detail: string) => ctx.onProgress({ step: 'measure', done: share, total: 1, unit: 'parts', detail });
  const text = () => {
    if (!windows) throw new TypeError('a measure that needs nothing has no text');
    return windows;
  };
  const notes = () => {
    if (!task.notes) throw new TypeError('a measure whose card does not say `anytime` keeps nothing on its way');
    return task.notes;
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
      return walkDense({ source, windows, grams, damping: solve.damping, needs, look, onProgress }, ctx);
    },
    gradientNorms: (request) => gradientNorms(source, text(), request, ctx),
    outputGradients: (request) => outputGradients(source, text(), request, ctx),
    meanGradientNorms: (passage) => meanGradientNorms(source, text(), passage, ctx),
    curvatures: (request) => curvatures(source, text(), request, ctx),
    prune: (linear, sparsity) => prune(task, linear, sparsity, ctx),
    async tryOut(request) {
      await checkTrialRoom(source, text(), request, ctx);
      return tryOut({ source, text: text(), grams, damping: solve.damping }, request, ctx);
    },
    seeds: () => notes().seeds(),
    elapsedMs: () => performance.now() - startedMs,
    keep: (measured, state) => notes().keep(measured, state),
    kept: () => notes().kept(),
    stage(from, to, title = '') {
      stage = { from, to, title };
    },
    report,
    found: onFound,
  };
}

/** A part of the whole. */
interface Stage {
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

function within({ from, to, title }: Stage, progress: Progress): Progress {
  const { step, done, total, detail } = progress;
  if (step !== 'measure') return progress;
  return { ...progress, done: total * (from + (to - from) * (done / total)), detail: title === '' ? detail : `${title}; ${detail}` };
}

/** Zeros that the matrix has already are among those asked for, and there is never one fewer. */
async function prune(
  { source, solve, solved }: LabTask,
  { slot, weight, stats }: LinearInput,
  sparsity: number,
  { algebra }: Context,
): Promise<Matrix> {
  const { type, bytes: nBytes } = source.tensors.get(slot.name)!;
  const size = slot.out * slot.in;
  const zeros = Math.max(Math.round(sparsity * size), countZeros(weight.data, [size])[0]);
  const known = solved?.read(slot.name, zeros, nBytes);
  if (known) return decodeWeights(known, type, slot.out, slot.in);
  const { bytes } = await solveLinear({ name: slot.name, weight, type, target: { zeros }, stats }, solveAlone(solve), algebra);
  solved?.write(slot.name, zeros, bytes);
  return decodeWeights(bytes, type, slot.out, slot.in);
}
