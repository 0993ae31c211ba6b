/** The windows of token ids that calibration and evaluation run on, whatever their text is stored in. */

import { createHash } from 'node:crypto';
import { SecateurError } from '../error.ts';
import { createRandom, type Random } from '../tensor/random.ts';
import type { Documents } from './text-readers/documents.ts';
import { disjointStarts, randomOrder } from './text-readers/draw.ts';
import { findTextFiles, hashTextFiles, openDocuments, type TextFiles } from './text-readers/files.ts';
import { refuseLargeText } from './text-readers/plain.ts';
import { readTokenFile } from './text-readers/token-file.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface Windows {
  /** Int32 `[samples, length]`. */
  readonly ids: Int32Array<ArrayBuffer>;
  readonly samples: number;
  readonly length: number;
  /** samples × length. */
  readonly tokens: number;
  /** Of the ids' bytes, int32 little-endian. */
  readonly sha256: string;
  /** Of the text's file; of several files, of their hashes. */
  readonly textSha256: string;
  /** What was taken from where, for a person. */
  readonly description: string;
}

export interface TextContext {
  readonly signal?: AbortSignal;
  /** How far a read is, in no unit of its own. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface DrawRequest {
  /** Files, folders or `default`. */
  readonly paths: readonly string[];
  /** Of a JSON line or a table; `text` by default. */
  readonly field?: string;
  readonly samples: number;
  /** Tokens of a window; a file of token ids brings its own. */
  readonly length?: number;
  readonly seed: number;
}

export interface EvaluationRequest {
  readonly path: string;
  readonly field?: string;
  readonly length?: number;
  /** At most so many windows; all by default. */
  readonly windows?: number;
}

/** Sections of a very long text have 16 bytes for each token of a window, so that nearly every one has a window's tokens. */
const bytesPerToken = 16;

/** A document gives a window for so many times a window's tokens, or part of them. */
const tokensPerWindow = 8;

/**
 * Documents are looked at until they have so many times the tokens asked for: C4 needs 5 times for windows of 2,048. Those that would be
 * joined are the first that have twice the tokens asked for.
 */
const patience = 8;
const plenty = 2;

/**
 * Draws calibration windows.
 *
 * From one text, windows that do not overlap are laid in its tokens, every way to lay them being equally likely. Of many documents, each
 * is looked at once at most, in random order: one of more than `length` tokens gives a window from a random place, and one more for every
 * 8 × `length` tokens it has, so that books serve as well as pages. Where too few are that long, those looked at first are joined with
 * blank lines and taken as one text. A plain text more than four times as long as it need be is taken as documents of 16 × `length`
 * bytes. A file of token ids gives its first rows.
 *
 * @throws `TEXT_TOO_SHORT` naming the tokens that are missing; `FILE_MISSING`, `BAD_FILE`, `BAD_ARGUMENT`, `UNSUPPORTED`, `CANCELLED`
 * @see    the published SparseGPT and Wanda code: C4 is drawn so, but long documents are looked for without end
 */
export async function drawWindows(request: DrawRequest, tokenizer: Tokenizer, ctx: TextContext = {}): Promise<Windows> {
  const { paths, field = 'text', samples, seed } = request;
  checkAtLeast('samples', samples, 1);
  const files = await findTextFiles(paths);
  if (files.isTokens) return takeRows(files, request.length, samples, samples, tokenizer, ctx);
  const length = lengthOf(request.length, files);
  const bytes = bytesPerToken * length;
  await using documents = await openDocuments(files, { ...ctx, field, sections: { bytes, over: 4 * samples * bytes } });
  const random = createRandom(seed);
  const draw: Draw = { samples, length, random };
  if (documents.count === 1) {
    const ids = await tokenizer.encodeLong(await documents.read([0]), {
      ...ctx,
      onUnits: (units) => ctx.onProgress?.(Math.min(units, files.size), files.size),
    });
    return finish(files, layWindows(ids, draw, files), draw, `laid at random, seed ${seed}`, ctx);
  }
  const { windows, joinable, nLong, nLooked } = await lookForLong(documents, draw, tokenizer, ctx);
  if (windows.length === samples)
    return finish(files, windows, draw, `from ${figure(nLong)} of ${figure(documents.count)} documents, seed ${seed}`, ctx);
  const ids = await tokenizer.encodeLong(withBlankLines(joinable), ctx);
  const why = `${figure(nLong)} of ${figure(nLooked)} documents have more than ${figure(length)} tokens`;
  return finish(files, layWindows(ids, draw, files), draw, `laid at random in joined documents, as ${why}, seed ${seed}`, ctx);
}

/**
 * The windows that perplexity is taken on: the whole text tokenised once, cut every `length` tokens, the tail dropped. Documents are
 * joined with blank lines, which is how WikiText's rows become its text. A file of token ids gives its first rows.
 *
 * @throws `TEXT_TOO_SHORT` when there is no whole window; otherwise as `drawWindows`
 */
export async function evaluationWindows(request: EvaluationRequest, tokenizer: Tokenizer, ctx: TextContext = {}): Promise<Windows> {
  const { path, field = 'text', windows = Infinity } = request;
  if (windows !== Infinity) checkAtLeast('windows', windows, 1);
  const files = await findTextFiles([path]);
  if (files.isTokens) return takeRows(files, request.length, windows, 1, tokenizer, ctx);
  const length = lengthOf(request.length, files);
  if (windows === Infinity) refuseLargeText(files.size, path);
  await using documents = await openDocuments(files, { ...ctx, field });
  const onUnits = (units: number) => ctx.onProgress?.(Math.min(units, files.size), files.size);
  const ids = await tokenizer.encodeLong(withBlankLines(textsInOrder(documents)), { ...ctx, onUnits, limit: windows * length });
  const samples = Math.floor(ids.length / length);
  if (samples === 0) refuseShort(files, ids.length, 1, length);
  return finish(files, [ids.subarray(0, samples * length)], { samples, length }, 'one after the other', ctx);
}

interface Draw {
  readonly samples: number;
  readonly length: number;
  readonly random: Random;
}

/** Looks at documents until `samples` of them gave a window, all were seen, or `patience` has run out. */
async function lookForLong(documents: Documents, { samples, length, random }: Draw, tokenizer: Tokenizer, ctx: TextContext) {
  // The order has a generator of its own, so that it can run ahead of the places by however many documents are read at once.
  const order = randomOrder(documents.count, createRandom(random.below(2 ** 32)));
  const windows: Int32Array[] = [];
  const joinable: string[] = [];
  const wanted = samples * length;
  let tokens = 0;
  let nLong = 0;
  let nLooked = 0;
  // The more documents are read at once, the more of them lie in one row group of a table; the fewer, the less is read in vain.
  let batch = 16;
  for (let indices = take(order, batch); indices.length > 0; indices = take(order, batch)) {
    batch = Math.min(512, 2 * batch);
    for (const text of await documents.read(indices)) {
      const ids = await tokenizer.encodeLong([text], ctx);
      if (tokens < plenty * wanted) joinable.push(text);
      tokens += ids.length;
      nLooked++;
      if (ids.length > length) {
        const count = Math.min(Math.ceil(ids.length / (tokensPerWindow * length)), samples - windows.length);
        for (const start of disjointStarts(ids.length, count, length, random)) windows.push(ids.slice(start, start + length));
        nLong++;
      }
      ctx.onProgress?.(
        wanted * Math.max(windows.length / samples, nLooked / documents.count, Math.min(1, tokens / wanted / patience)),
        wanted,
      );
      if (windows.length === samples || tokens > patience * wanted) return { windows, joinable, nLong, nLooked };
    }
  }
  return { windows, joinable, nLong, nLooked };
}

function layWindows(ids: Int32Array, { samples, length, random }: Draw, files: TextFiles): Int32Array[] {
  if (ids.length < samples * length) refuseShort(files, ids.length, samples, length);
  return disjointStarts(ids.length, samples, length, random).map((start) => ids.subarray(start, start + length));
}

async function takeRows(files: TextFiles, asked: number | undefined, most: number, least: number, tokenizer: Tokenizer, ctx: TextContext) {
  const path = files.paths[0];
  const { ids, rows, length, available } = await readTokenFile(path, most, tokenizer.vocabSize);
  if (asked !== undefined && asked !== length)
    throw new SecateurError(
      'BAD_ARGUMENT',
      `${path}: its windows have ${figure(length)} tokens, not ${figure(asked)}`,
      `Set length to ${length}.`,
    );
  if (rows < least) refuseShort(files, available * length, least, length);
  return finish(files, [ids], { samples: rows, length }, 'in the order of the file', ctx);
}

async function finish(
  files: TextFiles,
  parts: readonly Int32Array[],
  draw: Omit<Draw, 'random'>,
  how: string,
  { signal }: TextContext,
): Promise<Windows> {
  const { samples, length } = draw;
  const ids = new Int32Array(samples * length);
  let at = 0;
  for (const part of parts) {
    ids.set(part, at);
    at += part.length;
  }
  return {
    ids,
    samples,
    length,
    tokens: ids.length,
    sha256: createHash('sha256').update(new Uint8Array(ids.buffer)).digest('hex'),
    textSha256: await hashTextFiles(files, signal),
    description: `${files.label}: ${figure(samples)} windows of ${figure(length)} tokens, ${how}`,
  };
}

async function* textsInOrder(documents: Documents): AsyncGenerator<string> {
  for (let from = 0; from < documents.count; from += 64)
    yield* await documents.read(Array.from({ length: Math.min(64, documents.count - from) }, (_, i) => from + i));
}

async function* withBlankLines(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  let separator = '';
  for await (const text of texts) {
    yield separator + text;
    separator = '\n\n';
  }
}

function take<T>(items: Iterator<T>, most: number): T[] {
  const taken: T[] = [];
  for (let item = items.next(); !item.done; item = items.next()) {
    taken.push(item.value);
    if (taken.length === most) break;
  }
  return taken;
}

function lengthOf(length: number | undefined, { label }: TextFiles): number {
  if (length === undefined)
    throw new SecateurError('BAD_ARGUMENT', `${label}: no length of a window`, 'Set length; only a file of token ids has one of its own.');
  checkAtLeast('length', length, 2);
  return length;
}

function checkAtLeast(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new SecateurError('BAD_ARGUMENT', `${name} is ${value}; it is a whole number from ${least} on`);
}

function refuseShort({ label }: TextFiles, has: number, samples: number, length: number): never {
  const needs = samples * length;
  throw new SecateurError(
    'TEXT_TOO_SHORT',
    `${label}: needs ${figure(needs)} tokens (${figure(samples)} × ${figure(length)}), has ${figure(has)}: ${figure(needs - has)} missing`,
    'Name a longer text, or set samples or length lower.',
  );
}

function figure(value: number): string {
  return value.toLocaleString('en-US');
}
