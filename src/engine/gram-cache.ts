/** Keeps the statistics of the dense model from one measure to the next: the Grams of each block in a file of its own. */

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '../families/family.ts';
import type { Statistics } from '../methods/statistics.ts';
import { formatBytes } from '../protocol/quantity.ts';
import { createMatrix } from '../tensor/matrix.ts';
import { version } from '../version.ts';
import { type Checkpoint, stampCheckpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { defaultGramCacheBytes, type GramRoom, gramsPrefix, openGramRoom } from './gram-room.ts';
import type { ResolvedRecipe } from './plan.ts';
import { findTextFiles, stampTextFiles } from './text-readers/files.ts';
import { readWhole, wholeFileBytes, writeWhole } from './whole-file.ts';

/** By the name of the input that linears share. */
export type BlockStatistics = ReadonlyMap<string, Statistics>;

export interface GramCache extends Disposable {
  /** Where matrices that are solved with these Grams may be kept as well. */
  readonly room: GramRoom;
  /** Whether the files of all blocks are there; one may still prove damaged. */
  isWhole(): boolean;
  /** `undefined` where the block is not there, or damaged. */
  read(block: number): BlockStatistics | undefined;
  /** Before the first block is calibrated: makes room, and says how much is written. */
  prepare(): void;
  write(block: number, statistics: BlockStatistics): void;
}

/** The folder within the cache folder that Grams of this checkpoint on this text are kept in, whatever the methods are. */
export async function gramFolderName({ recipe, calibrationText }: Pick<ResolvedRecipe, 'recipe' | 'calibrationText'>, source: Checkpoint) {
  const { text: _text, flow: _flow, ...drawn } = recipe.calibrate;
  const parts = [version, drawn, await stampTextFiles(await findTextFiles(calibrationText)), ...stampCheckpoint(source)];
  return `${gramsPrefix}${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

/** Bytes that the Grams of all blocks take on disk. */
export function gramBytes(model: Model): number {
  return Array.from({ length: model.nBlocks }, (_, block) => wholeFileBytes(blockBytes(inputsOf(model, block)))).reduce((a, b) => a + b);
}

/** @returns  `undefined` where the limit does not allow it, which is said unless it was asked for */
export function openGramCache(model: Model, cacheFolder: string, name: string, ctx: Context): GramCache | undefined {
  const limitBytes = ctx.gramCacheBytes ?? defaultGramCacheBytes;
  const bytes = gramBytes(model);
  if (bytes <= limitBytes) {
    try {
      return cacheIn(model, openGramRoom(cacheFolder, name, limitBytes), ctx, () => {});
    } catch (error) {
      ctx.log(`Grams cannot be kept for later measures: ${(error as Error).message}`);
      return undefined;
    }
  }
  if (limitBytes > 0)
    ctx.log(
      `The Grams of this model take ${formatBytes(bytes)} and are not kept for later measures: the limit is ${formatBytes(limitBytes)}.`,
    );
  return undefined;
}

/** In a folder that goes when it is closed, for a measure that would calibrate again and again without. */
export function openScratchGrams(model: Model, ctx: Context): GramCache {
  const folder = mkdtempSync(join(ctx.scratchFolder ?? tmpdir(), 'secateur-grams-'));
  const limitBytes = gramBytes(model) + (ctx.gramCacheBytes || defaultGramCacheBytes);
  return cacheIn(model, openGramRoom(folder, `${gramsPrefix}own`, limitBytes), ctx, () => rmSync(folder, { recursive: true, force: true }));
}

function cacheIn(model: Model, room: GramRoom, ctx: Context, close: () => void): GramCache {
  const pathOf = (block: number) => join(room.folder, `block-${block}`);
  const isThere = (block: number) =>
    statSync(pathOf(block), { throwIfNoEntry: false })?.size === wholeFileBytes(blockBytes(inputsOf(model, block)));
  let isOpen = false;
  return {
    room,
    isWhole: () => Array.from({ length: model.nBlocks }, (_, block) => block).every(isThere),
    read(block) {
      const inputs = inputsOf(model, block);
      const bytes = readWhole(pathOf(block), blockBytes(inputs));
      return bytes && decode(inputs, bytes);
    },
    prepare() {
      const missing = Array.from({ length: model.nBlocks }, (_, block) => block).filter((block) => !isThere(block));
      const bytes = missing.reduce((sum, block) => sum + wholeFileBytes(blockBytes(inputsOf(model, block))), 0);
      isOpen = room.take(bytes);
      if (bytes === 0) return;
      if (isOpen) ctx.log(`Grams are kept for later measures: ${formatBytes(bytes)} in ${room.folder}.`);
      else ctx.log(`There is no room to keep ${formatBytes(bytes)} of Grams in ${room.folder}.`);
    },
    write(block, statistics) {
      if (!isOpen) return;
      try {
        writeWhole(pathOf(block), encode(inputsOf(model, block), statistics));
      } catch (error) {
        // What is computed is not lost because it cannot be kept.
        isOpen = false;
        ctx.log(`Grams could not be kept for later measures: ${(error as Error).message}`);
      }
    },
    [Symbol.dispose]: close,
  };
}

/** Widths of a block's inputs, by name. */
function inputsOf(model: Model, block: number): ReadonlyMap<string, number> {
  return new Map(model.linears(block).map((linear) => [linear.input, linear.in]));
}

/** Calibration windows, u32; then of each input the upper half of its Gram, row after row, f32. Little-endian throughout. */
function blockBytes(inputs: ReadonlyMap<string, number>): number {
  return [...inputs.values()].reduce((sum, width) => sum + 4 * halfOf(width), 4);
}

function halfOf(width: number): number {
  return (width * (width + 1)) / 2;
}

function encode(inputs: ReadonlyMap<string, number>, statistics: BlockStatistics): Uint8Array[] {
  const halves = [...inputs].map(([input, width]) => {
    const { data } = statistics.get(input)!.gram;
    const half = new Float32Array(halfOf(width));
    for (let i = 0, at = 0; i < width; at += width - i, i++) half.set(data.subarray(i * width + i, (i + 1) * width), at);
    return new Uint8Array(half.buffer);
  });
  const [{ windows }] = statistics.values();
  return [new Uint8Array(Uint32Array.of(windows).buffer), ...halves];
}

function decode(inputs: ReadonlyMap<string, number>, bytes: Uint8Array): BlockStatistics {
  const { buffer, byteOffset } = bytes;
  const [windows] = new Uint32Array(buffer, byteOffset, 1);
  let at = byteOffset + 4;
  return new Map(
    [...inputs].map(([input, width]) => {
      const half = new Float32Array(buffer, at, halfOf(width));
      at += half.byteLength;
      return [input, { ...unfold(width, half), windows }];
    }),
  );
}

/** The very numbers that calibration puts together. */
function unfold(width: number, half: Float32Array): Pick<Statistics, 'gram' | 'norms'> {
  const gram = createMatrix(width, width);
  for (let i = 0, at = 0; i < width; i++)
    for (let j = i; j < width; j++, at++) {
      gram.data[i * width + j] = half[at];
      gram.data[j * width + i] = half[at];
    }
  return { gram, norms: Float32Array.from({ length: width }, (_, j) => Math.sqrt(gram.data[j * width + j])) };
}
