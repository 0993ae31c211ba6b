/** What a run will need of this machine, told before it starts; and the refusal where it has less. */

import { readdirSync, statfsSync, statSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SecateurError } from '../error.ts';
import type { Linear } from '../families/family.ts';
import type { Needs } from '../protocol/data.ts';
import { createMatrix } from '../tensor/matrix.ts';
import { type Checkpoint, companions } from './checkpoint.ts';
import type { Context } from './context.ts';
import { vocabularySlices } from './head.ts';
import { hiddenBytes } from './hidden.ts';
import { partialOf } from './output-folder.ts';
import type { Runtime } from './runtime.ts';
import { type SolveWork, solveOperations, solveRoom } from './solve-work.ts';

export interface Work {
  /** Calibration windows and their length. */
  readonly samples: number;
  readonly length: number;
  /** Products of a matrix with its Gram that solving takes: those of its errors, its sweep and each iteration of least squares. */
  readonly products: number;
  /** Evaluation windows, run through the model before and after. */
  readonly evaluation?: { readonly windows: number; readonly length: number };
  /** What the solve step takes beyond that; nothing unless given. */
  readonly solve?: SolveWork;
  /** Whether all is pruned and evaluated once more, as the uniform control. */
  readonly control?: boolean;
  /** Passes over the calibration windows that measuring takes, roughly; none unless given. */
  readonly measurePasses?: number;
  /** That a measure may take beyond those, which ends when its time is over; 0 unless given. */
  readonly measureSeconds?: number;
}

/** Memory from the sizes of what is held at once, time from operations over this machine's measured speed. */
export async function runNeeds(checkpoint: Checkpoint, work: Work, ctx: Context): Promise<Needs> {
  const { model, files } = checkpoint;
  const shapes = [work, ...(work.evaluation ? [{ samples: work.evaluation.windows, length: work.evaluation.length }] : [])].map(
    ({ samples, length }) => ({ windows: samples, length, width: model.hiddenSize }),
  );
  const hidden = Math.max(...shapes.map(hiddenBytes));
  const scratch = hidden > ctx.memoryLimitBytes / 4;
  const length = Math.max(...shapes.map((shape) => shape.length));
  const linears = model.linears(0);
  const extra = work.solve ? solveRoom(model, work.solve, work.length, ctx) : { memoryBytes: 0, scratchBytes: 0 };
  return {
    memoryBytes: Math.round(
      processBytes +
        (scratch ? 0 : hidden) +
        extra.memoryBytes +
        Math.max(blockBytes(linears, length), headBytes(checkpoint, length, work)),
    ),
    // A report takes some kilobytes a matrix, as JSON and as Markdown.
    diskBytes: 2 ** 20 + 4096 * checkpoint.linears.length + (work.control ? 2 : 1) * bytesOf([...files, ...companions(checkpoint)]),
    scratchBytes: (scratch ? hidden : 0) + extra.scratchBytes,
    seconds: operations(checkpoint, work) / (await speedOf(ctx)) + (work.measureSeconds ?? 0) + model.nBlocks * 0.2 + 1,
  };
}

/** Says too little disk or memory before any work is done. */
export function checkNeeds(needs: Needs, to: string, ctx: Context): void {
  checkDisk(to, needs.diskBytes - folderBytes(partialOf(to)), 'name a folder on another disk in save.to');
  if (needs.scratchBytes > 0) checkDisk(ctx.scratchFolder ?? tmpdir(), needs.scratchBytes, 'choose a scratch folder on another disk');
  // macOS counts memory that it would give at once as in use, so there only the limit is held against the need.
  const memory = process.platform === 'darwin' ? ctx.memoryLimitBytes : Math.min(ctx.memoryLimitBytes, freemem());
  if (memory < needs.memoryBytes)
    throw new SecateurError(
      'MEMORY_SHORT',
      `the run needs about ${inMiB(needs.memoryBytes)} of memory, ${inMiB(memory)} are free or allowed`,
      'Use a shorter calibrate.length, close other programs, or raise the memory limit.',
    );
}

function checkDisk(folder: string, bytes: number, wayOut: string): void {
  const room = statfsSync(existingParent(folder));
  const free = room.bavail * room.bsize;
  if (free < bytes)
    throw new SecateurError(
      'DISK_FULL',
      `${folder} needs ${inMiB(bytes)}, the disk has ${inMiB(free)} free`,
      `Free some room, or ${wayOut}.`,
    );
}

/** Node, the runtime’s library, and what both keep of what they have given back: runs on small models peak at 200 to 490 MiB. */
const processBytes = 320 * 2 ** 20;

/** One block at work: its weights widened and packed, its activations, the Grams of all its inputs and one linear being solved. */
function blockBytes(linears: readonly Linear[], length: number): number {
  const inputs = [...new Map(linears.map((linear) => [linear.input, linear.in])).values()];
  const weights = linears.reduce((sum, linear) => sum + linear.out * linear.in, 0);
  const activations = length * linears.reduce((sum, linear) => sum + linear.out + linear.in, 0);
  const grams = inputs.reduce((sum, n) => sum + n * n, 0);
  // The strips of the Grams, then the Grams put together from them while the strips are still there.
  const running = weights * 2 + activations + grams * 1.6;
  const widest = Math.max(...inputs);
  const solving = grams + 4 * widest * widest + 6 * Math.max(...linears.map((linear) => linear.out * linear.in));
  return 4 * Math.max(running, solving);
}

function bytesOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function headBytes({ model }: Checkpoint, length: number, work: Work): number {
  if (!work.evaluation) return 0;
  const slices = vocabularySlices(model.vocabSize, length);
  const rows = Math.max(...slices.map(({ from, to }) => to - from));
  return 4 * (2 * rows * model.hiddenSize + 2 * rows * length + 3 * length * model.hiddenSize);
}

/** Multiplications and additions of the whole run, what it measures and controls included. */
function operations({ model, linears }: Checkpoint, work: Work): number {
  const weights = linears.reduce((sum, linear) => sum + linear.out * linear.in, 0);
  const inputs = new Map(linears.map((linear) => [`${linear.block} ${linear.input}`, linear.in]));
  const grams = [...inputs.values()].reduce((sum, n) => sum + 1.3 * n * n, 0);
  const forward = (length: number) => 2 * weights + 2 * length * model.nBlocks * model.hiddenSize;
  const tokens = work.samples * work.length;
  const measuring = (work.measurePasses ?? 0) * tokens * (forward(work.length) + grams);
  const calibration = tokens * (2 * forward(work.length) + grams);
  const solving =
    linears.reduce((sum, linear) => sum + 2 * work.products * linear.out * linear.in * linear.in, 0) +
    [...inputs.values()].reduce((sum, n) => sum + 2 * n ** 3, 0);
  const head = 2 * model.hiddenSize * model.vocabSize;
  const gradients = work.solve ? solveOperations(work.solve, work, { forward: forward(work.length), head, grams }) : 0;
  const { windows, length } = work.evaluation ?? { windows: 0, length: 0 };
  const evaluation = windows * length * (forward(length) + head);
  const pruning = calibration + gradients + solving + evaluation;
  return measuring + evaluation + (work.control ? 2 : 1) * pruning;
}

const speeds = new WeakMap<Runtime, Promise<number>>();

/**
 * Of a runtime, operations per second; tried out once, since in the engine's process a plan is made again with every change of a recipe.
 * What was tried out while a job took the machine's time is not kept.
 */
function speedOf({ runtime, isDisturbed = () => false }: Pick<Context, 'runtime' | 'isDisturbed'>): Promise<number> {
  const known = speeds.get(runtime);
  if (known) return known;
  if (isDisturbed()) return measureSpeed(runtime);
  const speed = measureSpeed(runtime);
  speeds.set(runtime, speed);
  const forget = () => speeds.delete(runtime);
  void speed.then(() => isDisturbed() && forget(), forget);
  return speed;
}

/** What this machine reaches in a matrix product, operations per second; three quarters of it is what a whole run reaches. */
async function measureSpeed(runtime: Runtime): Promise<number> {
  const n = 768;
  const [a, b, c] = [createMatrix(n, n), createMatrix(n, n), createMatrix(n, n)] as const;
  await runtime.gemm(a, b, c);
  const started = performance.now();
  for (let i = 0; i < 4; i++) await runtime.gemm(a, b, c);
  return (0.75 * 4 * 2 * n ** 3) / ((performance.now() - started) / 1000);
}

function existingParent(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      statfsSync(folder);
      return folder;
    } catch {
      if (dirname(folder) === folder) return folder;
    }
  }
}

function folderBytes(folder: string): number {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return 0;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function inMiB(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}
