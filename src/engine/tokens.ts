/** The tokens of a passage: the beginnings of some of a text's windows. */

import type { Passage } from '../methods/lab.ts';
import type { Windows } from './texts.ts';

export interface Tokens {
  /** `[windows, length]` */
  readonly ids: Int32Array;
  readonly windows: number;
  readonly length: number;
}

/** @param firstWindow  the one that the passage starts with; after the last window of the text the first one follows */
export function readPassage(text: Pick<Windows, 'ids' | 'samples' | 'length'>, passage: Passage, firstWindow = 0): Tokens {
  const windows = Math.min(passage.windows, text.samples);
  const length = Math.min(passage.length, text.length);
  const ids = new Int32Array(windows * length);
  for (let w = 0; w < windows; w++) {
    const at = ((firstWindow + w) % text.samples) * text.length;
    ids.set(text.ids.subarray(at, at + length), w * length);
  }
  return { ids, windows, length };
}

/** Tokens that are predicted from those before them: all but each window's first. */
export function countPredictions({ windows, length }: Tokens): number {
  return windows * (length - 1);
}
