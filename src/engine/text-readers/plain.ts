/** Plain text (.txt, .md): one document, or sections of it where it is much longer than what will be used. */

import { stat } from 'node:fs/promises';
import { SecateurError } from '../../error.ts';
import { openByteSource } from '../files.ts';
import type { DocumentOptions, Documents } from './documents.ts';
import { decodeUtf8 } from './utf8.ts';

/** Well under the longest string there can be, 512 Mi units. */
export const maxTextBytes = 256 * 2 ** 20;

/** The file is opened only while it is read, so that a folder of thousands needs no thousand handles. */
export async function openPlain(path: string, { sections }: DocumentOptions): Promise<Documents> {
  const { size } = await stat(path);
  const nSections = sections && size > sections.over ? Math.floor(size / sections.bytes) : 1;
  if (nSections === 1) refuseLargeText(size, path);
  const edge = (i: number) => (i === nSections ? size : i * sections!.bytes);
  return {
    count: nSections,
    async read(indices) {
      await using source = await openByteSource(path);
      const texts: string[] = [];
      for (const i of indices) {
        const from = nSections === 1 ? 0 : edge(i);
        const bytes = await source.read(from, (nSections === 1 ? size : edge(i + 1)) - from);
        const [begin, end] = wholeWords(bytes, i > 0, i + 1 < nSections);
        texts.push(decodeUtf8(bytes.subarray(begin, end), path, from + begin));
      }
      return texts;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** `UNSUPPORTED` for a text that cannot be held in memory as one. */
export function refuseLargeText(size: number, label: string): void {
  if (size > maxTextBytes)
    throw new SecateurError(
      'UNSUPPORTED',
      `${label}: a text of ${size} bytes; one text may have ${maxTextBytes}`,
      'Use a part of it; for evaluation, set windows to how many are wanted and give documents as .jsonl or .parquet.',
    );
}

/** What lies between the first and the last white space, or between two characters where there is none; an end that is not cut stays. */
function wholeWords(bytes: Uint8Array, cutBegin: boolean, cutEnd: boolean): [number, number] {
  const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a;
  const isLead = (byte: number) => byte >> 6 !== 0b10;
  const firstSpace = bytes.findIndex(isSpace);
  const lastSpace = bytes.findLastIndex(isSpace);
  const begin = firstSpace >= 0 ? firstSpace + 1 : bytes.findIndex(isLead);
  const end = lastSpace >= 0 ? lastSpace : bytes.findLastIndex(isLead);
  return [cutBegin ? begin : 0, cutEnd ? end : bytes.length];
}
