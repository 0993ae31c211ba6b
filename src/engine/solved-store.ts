/** Matrices that were solved already with the same Grams and the same solve step, on disk, as the checkpoint would hold them. */

import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Recipe } from '../recipe/schema.ts';
import type { GramCache } from './gram-cache.ts';
import { readWhole, wholeFileBytes, writeWhole } from './whole-file.ts';

export interface SolvedStore {
  /** @param bytes  of the tensor in the checkpoint */
  read(tensor: string, zeros: number, bytes: number): Uint8Array | undefined;
  /** The oldest ones make way where there is no more room; where that does not help, it is not kept. */
  write(tensor: string, zeros: number, bytes: Uint8Array): void;
}

export function openSolvedStore(grams: Pick<GramCache, 'room'>, solve: Recipe['solve']): SolvedStore {
  const room = grams.room();
  const folder = join(room.folder, `solved-${hashOf(solve)}`);
  const pathOf = (tensor: string, zeros: number) => join(folder, `${hashOf(tensor)}-${zeros}`);
  // A set keeps the order of insertion, so its first is the oldest.
  const kept = new Set(filesByAge(folder));
  const drop = (path: string) => {
    room.give(statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    rmSync(path, { force: true });
    kept.delete(path);
  };
  return {
    read(tensor, zeros, bytes) {
      const path = pathOf(tensor, zeros);
      const found = kept.has(path) ? readWhole(path, bytes) : undefined;
      if (kept.delete(path) && found) kept.add(path);
      return found;
    },
    write(tensor, zeros, bytes) {
      const path = pathOf(tensor, zeros);
      const size = wholeFileBytes(bytes.length);
      while (!room.take(size)) {
        const [oldest] = kept;
        if (oldest === undefined) return;
        drop(oldest);
      }
      try {
        writeWhole(path, [bytes]);
        kept.add(path);
      } catch {
        // It is solved anew the next time.
        room.give(size);
      }
    },
  };
}

function filesByAge(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const files = readdirSync(folder).map((name) => ({ path: join(folder, name), writtenMs: statSync(join(folder, name)).mtimeMs }));
  return files.sort((a, b) => a.writtenMs - b.writtenMs).map(({ path }) => path);
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
