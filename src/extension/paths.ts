/** Paths as a recipe writes them, and names that are free. */

import { isAbsolute, relative, resolve, sep } from 'node:path';

/** A path as a recipe in that folder writes it, with forward slashes everywhere. */
export function pathFrom(folder: string, path: string): string {
  const seen = relative(folder, resolve(path)).replaceAll(sep, '/');
  return seen.startsWith('.') || isAbsolute(seen) ? seen : `./${seen}`;
}

/** `a.prune.yaml`, or `a-2.prune.yaml` where that is taken, and so on. */
export function freeName(stem: string, ending: string, isTaken: (path: string) => boolean): string {
  for (let n = 1; ; n++) {
    const path = n === 1 ? `${stem}${ending}` : `${stem}-${n}${ending}`;
    if (!isTaken(path)) return path;
  }
}
