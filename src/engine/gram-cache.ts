/** Keeps the statistics of the dense model from one measure to the next: the Grams of each block in a file of its own. */

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
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
  room(): GramRoom;
  /** Whether there is a folder to write to, or can be; where there is none, that is said. */
  isWritable(): boolean;
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

/** What is there is read; what would be more than the limit is not written, which is said. */
export function openGramCache(model: Model, cacheFolder: string, name: string, ctx: Context): GramCache {
  return cacheIn(model, { cacheFolder, name, limitBytes: gramLimit(ctx), until: 'for later measures' }, ctx, () => {});
}

/** What Grams may take in the cache folder, bytes; 0 where none are to be kept, nor read. */
export function gramLimit({ gramCacheBytes = defaultGramCacheBytes }: Pick<Context, 'gramCacheBytes'>): number {
  return gramCacheBytes;
}

/** In a folder that goes when it is closed, for a measure that would calibrate again and again without. */
export function openScratchGrams(model: Model, ctx: Context): GramCache {
  const cacheFolder = mkdtempSync(join(ctx.scratchFolder ?? tmpdir(), 'secateur-grams-'));
  const limitBytes = gramBytes(model) + (gramLimit(ctx) || defaultGramCacheBytes);
  const place = { cacheFolder, name: `${gramsPrefix}own`, limitBytes, until: 'until this measure ends' };
  return cacheIn(model, place, ctx, () => rmSync(cacheFolder, { recursive: true, force: true }));
}

interface Place {
  readonly cacheFolder: string;
  readonly name: string;
  readonly limitBytes: number;
  /** How long they are kept, for a person. */
  readonly until: string;
}

function cacheIn(model: Model, { cacheFolder, name, limitBytes, until }: Place, ctx: Context, close: () => void): GramCache {
  const folder = join(cacheFolder, name);
  const pathOf = (block: number) => join(folder, `block-${block}`);
  const isThere = (block: number) => sizeOf(pathOf(block)) === wholeFileBytes(blockBytes(inputsOf(model, block)));
  let isOpen = false;
  let isFaulty = false;
  let opened: GramRoom | undefined;
  const room = () => {
    opened ??= openGramRoom(cacheFolder, name, limitBytes);
    return opened;
  };
  // What is computed is not lost because it cannot be kept.
  const orGoOn = (work: () => void) => {
    try {
      work();
    } catch (error) {
      isOpen = false;
      isFaulty = true;
      ctx.log(`Grams could not be kept ${until}: ${(error as Error).message}`);
    }
  };
  return {
    room,
    isWritable() {
      orGoOn(room);
      return !isFaulty;
    },
    isWhole: () => Array.from({ length: model.nBlocks }, (_, block) => block).every(isThere),
    read(block) {
      const inputs = inputsOf(model, block);
      const bytes = readWhole(pathOf(block), blockBytes(inputs));
      if (bytes && block === 0) touch(folder);
      return bytes && decode(inputs, bytes);
    },
    prepare() {
      const missing = Array.from({ length: model.nBlocks }, (_, block) => block).filter((block) => !isThere(block));
      const bytes = missing.reduce((sum, block) => sum + wholeFileBytes(blockBytes(inputsOf(model, block))), 0);
      const [size, limit] = [formatBytes(bytes), formatBytes(limitBytes)];
      orGoOn(() => {
        isOpen = bytes <= limitBytes && room().take(bytes);
        if (bytes === 0) return;
        if (isOpen) ctx.log(`The Grams of this model are kept ${until}: ${size} in ${folder}.`);
        else ctx.log(`The Grams of this model are not kept ${until}: they take ${size}, and the limit is ${limit}.`);
      });
    },
    write(block, statistics) {
      if (isOpen) orGoOn(() => writeWhole(pathOf(block), encode(inputsOf(model, block), statistics)));
    },
    [Symbol.dispose]: close,
  };
}

/** Of what is no file, or cannot be looked at, −1. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return -1;
  }
}

/** The folders of others make way before one that was used just now. */
function touch(folder: string): void {
  const now = new Date();
  utimesSync(folder, now, now);
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
