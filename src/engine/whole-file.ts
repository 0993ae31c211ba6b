/** Files that are whole or count as not there: under the hash of their bytes, and renamed to their name when they are complete. */

import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const hashBytes = 32;

/** Bytes of the file that holds this many. */
export function wholeFileBytes(bytes: number): number {
  return hashBytes + bytes;
}

/** Writes the parts one after another, behind the SHA-256 of them all. */
export function writeWhole(path: string, parts: readonly Uint8Array[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  try {
    const file = openSync(partial, 'w');
    try {
      for (const part of [hashOf(parts), ...parts]) for (let done = 0; done < part.length; ) done += writeSync(file, part, done);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** @returns  the bytes behind the hash; `undefined` where there is no such file, or not that many bytes, or others than were written */
export function readWhole(path: string, bytes: number): Uint8Array | undefined {
  try {
    if (statSync(path).size !== wholeFileBytes(bytes)) return undefined;
    const file = readFileSync(path);
    const content = file.subarray(hashBytes);
    return hashOf([content]).equals(file.subarray(0, hashBytes)) ? content : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
