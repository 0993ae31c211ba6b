/** Where measured sensitivities are kept when nobody says: one folder for all recipes of a project. */

import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const cacheName = '.secateur';

/**
 * @param folder  of the recipe, absolute
 * @returns       `.secateur` of the nearest folder upwards that has one, or else of the nearest that is under version control, or else of
 *                the recipe's own; it need not be there
 */
export function findCacheFolder(folder: string): string {
  const home = nearest(folder, cacheName, (entry) => entry.isDirectory()) ?? nearest(folder, '.git', () => true) ?? folder;
  return join(home, cacheName);
}

/** A work tree of git has a file in the place of the folder. */
function nearest(from: string, name: string, fits: (entry: { isDirectory(): boolean }) => boolean): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const entry = statSync(join(folder, name), { throwIfNoEntry: false });
    if (entry && fits(entry)) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
