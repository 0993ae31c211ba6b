/** Files and folders that are whole or not there: sources over files, and output that is on disk before it has its name. */

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SecateurError } from '../error.ts';
import type { ByteSource } from '../formats/byte-source.ts';

/** A file open for reading; closed when its scope ends. `FILE_MISSING` if it is not there or is a folder. */
export async function openByteSource(path: string): Promise<ByteSource & AsyncDisposable> {
  const file = await open(path, 'r').catch((cause) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
      throw new SecateurError('FILE_MISSING', `${path} is not there`, undefined, { cause });
    throw cause;
  });
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw new SecateurError('FILE_MISSING', `${path} is not a file`);
  }
  return {
    size: stats.size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0)
          throw new SecateurError('BAD_FILE', `${path} ends at byte ${offset + done}; it had ${stats.size} when it was opened`);
        done += bytesRead;
      }
      return bytes;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** A folder under construction; removed when its scope ends unless it was committed. */
export interface PartialFolder extends Disposable {
  /** Where it is until then: `to` + `.partial`. */
  readonly path: string;
  /** Gives the folder its final name, once the folder and all that is in it is on disk. The files must have been synced one by one. */
  commit(): void;
}

/**
 * Begins a folder that will be called `to`.
 *
 * @param sizeBytes  what will be written there
 * @throws           `OUTPUT_EXISTS`, `BUSY` when another process, alive or dead, began the same folder, `DISK_FULL`
 */
export function createPartial(to: string, sizeBytes: number): PartialFolder {
  if (existsSync(to)) throw new SecateurError('OUTPUT_EXISTS', `${to} exists`, 'Name another folder, or remove that one.');
  const parent = dirname(to);
  mkdirSync(parent, { recursive: true });
  const { bavail, bsize } = statfsSync(parent);
  if (bavail * bsize < sizeBytes)
    throw new SecateurError(
      'DISK_FULL',
      `${to} takes ${sizeBytes} bytes, the disk has ${bavail * bsize}`,
      'Make room, or name a folder on another disk.',
    );
  const path = `${to}.partial`;
  try {
    mkdirSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new SecateurError('BUSY', `${path} exists: another run writes there, or died`, 'If none is running, remove that folder.', {
      cause,
    });
  }
  let committed = false;
  return {
    path,
    commit() {
      syncFolder(path);
      renameSync(path, to);
      committed = true;
      syncFolder(parent);
    },
    [Symbol.dispose]() {
      if (!committed) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Returns when the file's bytes are on disk. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Returns when the folder's entries (names, not what the files hold) are on disk. */
export function syncFolder(path: string): void {
  // Windows writes entries through and lets no folder be opened.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
