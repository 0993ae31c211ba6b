/** The hidden states between two blocks, for all windows: in one buffer, or in a scratch file where that would be too large. */

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface HiddenStates extends Disposable {
  readonly windows: number;
  readonly length: number;
  readonly width: number;
  /** The states of one window, f32 `[length, width]`; valid until the next call. */
  read(window: number): Float32Array;
  write(window: number, states: Float32Array): void;
}

export interface HiddenShape {
  readonly windows: number;
  readonly length: number;
  readonly width: number;
}

/** Bytes that the states of all windows take. */
export function hiddenBytes({ windows, length, width }: HiddenShape): number {
  return windows * length * width * 4;
}

export function createHiddenStates(
  shape: HiddenShape,
  limits: { readonly memoryLimitBytes: number; readonly scratchFolder: string | undefined },
): HiddenStates {
  return hiddenBytes(shape) <= limits.memoryLimitBytes / 4 ? inMemory(shape) : inScratchFile(shape, limits.scratchFolder ?? tmpdir());
}

function inMemory(shape: HiddenShape): HiddenStates {
  const size = shape.length * shape.width;
  const states = new Float32Array(shape.windows * size);
  const view = (window: number) => states.subarray(window * size, (window + 1) * size);
  return { ...shape, read: view, write: (window, data) => view(window).set(data), [Symbol.dispose]() {} };
}

function inScratchFile(shape: HiddenShape, folder: string): HiddenStates {
  const size = shape.length * shape.width;
  const path = join(folder, `secateur-scratch-${process.pid}-${Math.floor(performance.now() * 1000)}`);
  const file = openSync(path, 'wx+');
  // Where the system lets an open file go without its name, nothing is left behind when the process dies.
  if (process.platform !== 'win32') rmSync(path);
  const buffer = new Float32Array(size);
  return {
    ...shape,
    read(window) {
      for (let done = 0; done < size * 4; ) {
        const got = readSync(file, new Uint8Array(buffer.buffer, done), 0, size * 4 - done, window * size * 4 + done);
        if (got === 0) throw new Error(`${path}: window ${window} was never written`);
        done += got;
      }
      return buffer;
    },
    write(window, data) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, size * 4);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, window * size * 4 + done);
    },
    [Symbol.dispose]() {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
}
