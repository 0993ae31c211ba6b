/** Did you mean: the word among a few that is closest to one that is not among them. */

/**
 * @returns  the closest of `words`, by letters changed, added, left out or swapped with their neighbour, if at most a third of
 *           the longer word differs
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const given = word.slice(0, 64).toLowerCase();
  let best: string | undefined;
  let bestShare = 1 / 3;
  for (const candidate of words) {
    const share = editDistance(given, candidate.toLowerCase()) / Math.max(given.length, candidate.length);
    if (share > bestShare || (share === bestShare && best !== undefined)) continue;
    best = candidate;
    bestShare = share;
  }
  return best;
}

/** The optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(changed, above[j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = above;
    above = row;
  }
  return above[b.length];
}
