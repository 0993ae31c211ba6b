/** Pieces of numbers, all of one size: in one buffer, or in a scratch file where that would be too large. */

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pieces extends Disposable {
  /** One piece; valid until the next call. */
  read(piece: number): Float32Array;
  write(piece: number, values: Float32Array): void;
}

export interface PiecesShape {
  readonly count: number;
  /** Numbers in one piece. */
  readonly size: number;
}

export interface ScratchLimits {
  readonly memoryLimitBytes: number;
  /** Where the file goes; the system's folder for temporary files, unless given. */
  readonly scratchFolder: string | undefined;
}

/** Whether pieces that take this much go to a scratch file. */
export function needsScratch(bytes: number, { memoryLimitBytes }: Pick<ScratchLimits, 'memoryLimitBytes'>): boolean {
  return bytes > memoryLimitBytes / 4;
}

export function createPieces(shape: PiecesShape, limits: ScratchLimits): Pieces {
  return needsScratch(shape.count * shape.size * 4, limits) ? inScratchFile(shape, limits.scratchFolder ?? tmpdir()) : inMemory(shape);
}

function inMemory({ count, size }: PiecesShape): Pieces {
  const values = new Float32Array(count * size);
  const view = (piece: number) => values.subarray(piece * size, (piece + 1) * size);
  return { read: view, write: (piece, data) => view(piece).set(data), [Symbol.dispose]() {} };
}

function inScratchFile({ size }: PiecesShape, folder: string): Pieces {
  const path = join(folder, `secateur-scratch-${process.pid}-${Math.floor(performance.now() * 1000)}`);
  const file = openSync(path, 'wx+');
  // Where the system lets an open file go without its name, nothing is left behind when the process dies.
  if (process.platform !== 'win32') rmSync(path);
  const buffer = new Float32Array(size);
  return {
    read(piece) {
      for (let done = 0; done < size * 4; ) {
        const got = readSync(file, new Uint8Array(buffer.buffer, done), 0, size * 4 - done, piece * size * 4 + done);
        if (got === 0) throw new Error(`${path}: piece ${piece} was never written`);
        done += got;
      }
      return buffer;
    },
    write(piece, data) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, size * 4);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, piece * size * 4 + done);
    },
    [Symbol.dispose]() {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
}
