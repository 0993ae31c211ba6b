/** Reads a sparsity that was typed. */

import { formatPercent } from './format.ts';

/**
 * `45 %`, `45` and `0.45` are one; a comma may stand for the point. Without a percent sign a number below 1 is a share, any other is
 * percent.
 *
 * @param limits  the least and the largest share allowed
 */
export function parseShare(text: string, limits: readonly [number, number]): { readonly value: number } | { readonly problem: string } {
  const match = /^\s*(\d+(?:[.,]\d*)?|[.,]\d+)\s*(%?)\s*$/.exec(text);
  if (!match) return { problem: 'Type a share such as 45 % or 0.45.' };
  const number = Number(match[1].replace(',', '.'));
  const share = match[2] === '' && number < 1 ? number : number / 100;
  const [least, most] = limits;
  if (share < least || share > most)
    return { problem: `${formatPercent(share, 4)} is not between ${formatPercent(least)} and ${formatPercent(most)}.` };
  return { value: share };
}
