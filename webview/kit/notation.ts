/** How a number is written in a field and read from it: as a share in percent, or as it is. */

import { formatPercent } from './format.ts';
import { parseShare } from './share.ts';

export interface Notation {
  format(value: number): string;
  /** @param limits  the least and the largest value allowed */
  parse(text: string, limits: readonly [number, number]): { readonly value: number } | { readonly problem: string };
}

export const percent: Notation = { format: formatPercent, parse: parseShare };

export const plain: Notation = {
  format: (value) => String(Number(value.toFixed(4))),
  parse(text, [least, most]) {
    const match = /^\s*([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+))\s*$/.exec(text);
    if (!match) return { problem: `Type a number such as ${least + (most - least) / 4}.` };
    const value = Number(match[1].replace(',', '.'));
    return value < least || value > most ? { problem: `${value} is not between ${least} and ${most}.` } : { value };
  },
};
