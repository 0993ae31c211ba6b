/** Encodes a long text in pieces whose ids, one after the other, are the ids of the whole text. */

import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from './context.ts';
import { flatten, type TokenizerJson } from './tokenizer-words.ts';

export interface PieceOptions {
  readonly signal?: AbortSignal;
  /** Told after each piece how many UTF-16 units of the text are done. */
  readonly onUnits?: (done: number) => void;
  /** Ids wanted; the text behind them is not encoded. All by default. */
  readonly limit?: number;
}

export interface PieceEncoder {
  /** The ids without special tokens. */
  bare(text: string): readonly number[];
  /** Special tokens at the two ends of a text. */
  readonly ends: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** UTF-16 units to look at on each side of a cut; `undefined` for a tokenizer whose text is one piece. */
  readonly context: number | undefined;
}

/** About 60 ms of work: what a cancellation may have to wait. */
const pieceUnits = 32_768;

/** @throws `CANCELLED` between two pieces */
export async function encodeInPieces(
  parts: Iterable<string> | AsyncIterable<string>,
  encoder: PieceEncoder,
  { signal, onUnits, limit = Infinity }: PieceOptions,
): Promise<Int32Array<ArrayBuffer>> {
  const pieces = [encoder.ends.before];
  let count = encoder.ends.before.length;
  let rest = '';
  let from = pieceUnits;
  let done = 0;
  const encodeUpTo = async (end: number, next: number) => {
    const ids = encoder.bare(rest.slice(0, end));
    pieces.push(ids);
    count += ids.length;
    rest = rest.slice(next);
    from = pieceUnits;
    done += next;
    onUnits?.(done);
    await setImmediate();
    if (signal) throwIfCancelled(signal);
  };
  for await (const part of parts) {
    rest += part;
    for (let cut = findCut(rest, from, encoder); cut && count < limit; cut = findCut(rest, from, encoder))
      await encodeUpTo(cut.end, cut.next);
    if (count >= limit) break;
    // What was searched in vain is not searched again with the next part.
    from = Math.max(pieceUnits, rest.length - (encoder.context ?? 0) - 1);
  }
  if (count < limit && rest !== '') await encodeUpTo(rest.length, rest.length);
  if (count < limit) pieces.push(encoder.ends.after);
  return concatenate(
    pieces,
    Math.min(
      limit,
      pieces.reduce((sum, ids) => sum + ids.length, 0),
    ),
  );
}

interface Cut {
  /** Where the piece ends. */
  readonly end: number;
  /** Where the next one begins: one further, where the tokenizer gives each text the space it would begin with. */
  readonly next: number;
}

/**
 * The first place from `from` on where the text can be cut: a space or newline between two letters, where the ids of the words around
 * it are those of the words before it and then those after it.
 *
 * A pre-tokenizer's pattern sees no further than the run of letters it is in, and the model no further than one word, so what holds
 * for the words around the cut holds for the text. The two strings being compared also tell an added token that lies over the place.
 */
function findCut(text: string, from: number, { bare, context }: PieceEncoder): Cut | undefined {
  if (context === undefined) return undefined;
  const between = /(?<=\p{L})[ \n](?=\p{L})/gu;
  between.lastIndex = from;
  for (let match = between.exec(text); match; match = between.exec(text)) {
    const at = match.index;
    if (at + 1 + context > text.length) return undefined;
    const before = text.slice(at - context, at);
    const after = text.slice(at + 1, at + 1 + context);
    const left = bare(before);
    const whole = bare(before + match[0] + after);
    if (isEqual(whole, [...left, ...bare(match[0] + after)])) return { end: at, next: at };
    if (match[0] === ' ' && isEqual(whole, [...left, ...bare(after)])) return { end: at, next: at + 1 };
  }
  return undefined;
}

const wordwise = new Set(['Split', 'ByteLevel', 'Digits', 'Punctuation', 'Whitespace', 'WhitespaceSplit', 'BertPreTokenizer', 'Metaspace']);

/** What `PieceEncoder.context` must be: 64 units, or the longest added token. */
export function cutContext({ pre_tokenizer, added_tokens }: TokenizerJson): number | undefined {
  const words = flatten(pre_tokenizer, 'pretokenizers');
  const splits =
    words.some(({ type }) => type !== 'ByteLevel' && type !== 'Metaspace') || words.some(({ use_regex }) => use_regex === true);
  if (!splits || !words.every(({ type }) => wordwise.has(type))) return undefined;
  return added_tokens.reduce((longest, { content }) => Math.max(longest, content.length), 64);
}

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

function concatenate(pieces: readonly (readonly number[])[], length: number): Int32Array<ArrayBuffer> {
  const ids = new Int32Array(length);
  let at = 0;
  for (const piece of pieces) {
    ids.set(at + piece.length > length ? piece.slice(0, length - at) : piece, at);
    at = Math.min(length, at + piece.length);
  }
  return ids;
}
