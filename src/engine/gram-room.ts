/** The room on disk that Grams, and matrices solved with them, may take in the cache folder; what was used longest ago makes way. */

import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const gramsPrefix = 'grams-';

/** For the Grams of models of up to about a billion weights. */
export const defaultGramCacheBytes = 2 * 2 ** 30;

export interface GramRoom {
  /** This checkpoint's and text's own folder. */
  readonly folder: string;
  /** Whether that much more may be written; the folders of others make way for it. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** @param name  of the folder within the cache folder, in which everything else may be files of other kinds */
export function openGramRoom(cacheFolder: string, name: string, limitBytes: number): GramRoom {
  const folder = join(cacheFolder, name);
  mkdirSync(folder, { recursive: true });
  // The folder is kept out of version control.
  if (!existsSync(join(cacheFolder, '.gitignore'))) writeFileSync(join(cacheFolder, '.gitignore'), '*\n');
  const others = readdirSync(cacheFolder)
    .filter((other) => other.startsWith(gramsPrefix) && other !== name)
    .map((other) => ({ path: join(cacheFolder, other), usedMs: statSync(join(cacheFolder, other)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs)
    .map(({ path }) => ({ path, bytes: bytesIn(path) }));
  let own = bytesIn(folder);
  let used = others.reduce((sum, { bytes }) => sum + bytes, own);
  return {
    folder,
    take(bytes) {
      if (own + bytes > limitBytes) return false;
      while (used + bytes > limitBytes) {
        const oldest = others.pop()!;
        rmSync(oldest.path, { recursive: true, force: true });
        used -= oldest.bytes;
      }
      own += bytes;
      used += bytes;
      return true;
    },
    give(bytes) {
      own -= bytes;
      used -= bytes;
    },
  };
}

function bytesIn(folder: string): number {
  const sizes = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(folder, name)));
  return sizes.reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}
