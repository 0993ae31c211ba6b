/** Text to token ids and back, as the checkpoint's own tokenizer.json says it. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { SecateurError } from '../error.ts';
import { cutContext, encodeInPieces, type PieceOptions } from './tokenizer-pieces.ts';
import { asTokenizerJson, isObject, tokenText, withWords } from './tokenizer-words.ts';

export interface Tokenizer {
  /** One more than the largest id. */
  readonly vocabSize: number;
  /** The ids that end a text: those of generation_config.json, else of config.json, else the token tokenizer_config.json names. */
  readonly eosIds: readonly number[];
  /** Ids with the tokenizer's default special tokens. Blocks, for about two seconds a megabyte: `encodeLong` is for whole files. */
  encode(text: string): Int32Array<ArrayBuffer>;
  /** The same for a text that comes in parts, with a pause for the event loop every now and then. */
  encodeLong(parts: Iterable<string> | AsyncIterable<string>, options?: PieceOptions): Promise<Int32Array<ArrayBuffer>>;
  decode(ids: ArrayLike<number>): string;
}

/** The tokenizer of a folder; where it has none, a stand-in with which files of token ids can be read and every text is refused. */
export async function openTokenizerIfAny(folder: string, vocabSize: number): Promise<Tokenizer> {
  if (existsSync(join(folder, 'tokenizer.json'))) return openTokenizer(folder);
  const refuse = (): never => {
    throw new SecateurError(
      'FILE_MISSING',
      `${join(folder, 'tokenizer.json')} is not there`,
      'Without it only token ids in a .safetensors file can be read.',
    );
  };
  return { vocabSize, eosIds: [], encode: refuse, encodeLong: async () => refuse(), decode: refuse };
}

/**
 * Opens the tokenizer of a checkpoint folder.
 *
 * @returns  one that gives the ids transformers' `AutoTokenizer(text)` gives; like it, it takes the special tokens from tokenizer.json and
 *           lets `add_bos_token` and `add_eos_token` of tokenizer_config.json be
 * @throws   `FILE_MISSING` without a tokenizer.json; `BAD_CHECKPOINT` naming the file that is not as it should be
 */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const path = join(folder, 'tokenizer.json');
  const config = (await readObject(join(folder, 'tokenizer_config.json'))) ?? {};
  const json = withWords(asTokenizerJson(await readRequired(path), path));
  const library = load(json, config, path);
  const ids = (text: string, special: boolean) => checkIds(library.encode(text, { add_special_tokens: special }), path);
  const bare = (text: string) => ids(text, false);
  const pieces = { bare, ends: specialEnds(ids), context: cutContext(json) };
  return {
    vocabSize: [...library.get_vocab().values()].reduce((largest, id) => Math.max(largest, id), -1) + 1,
    eosIds: await readEosIds(folder, library.token_to_id(tokenText(config.eos_token) ?? '')),
    encode: (text) => Int32Array.from(ids(text, true)),
    encodeLong: (parts, options = {}) => encodeInPieces(parts, pieces, options),
    // The clean-up of spaces before punctuation was made for WordPiece; transformers does without it too.
    decode: (tokens) => (tokens.length === 0 ? '' : library.decode(Array.from(tokens), { clean_up_tokenization_spaces: false })),
  };
}

async function readRequired(path: string): Promise<Readonly<Record<string, unknown>>> {
  const json = await readObject(path);
  if (json) return json;
  throw new SecateurError(
    'FILE_MISSING',
    `${path} is not there`,
    'A tokenizer of an older form becomes one with transformers: AutoTokenizer.from_pretrained(folder).save_pretrained(folder).',
  );
}

async function readObject(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isObject(json)) return json;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SecateurError('BAD_CHECKPOINT', `${path}: ${(cause as Error).message}`, undefined, { cause });
  }
  throw new SecateurError('BAD_CHECKPOINT', `${path} is not a JSON object`);
}

function load(json: object, config: object, path: string): Library {
  try {
    return new Library(json, config);
  } catch (cause) {
    throw new SecateurError('BAD_CHECKPOINT', `${path}: ${(cause as Error).message}`, undefined, { cause });
  }
}

/** A special token that the vocabulary lacks has no id, and would silently become token 0. */
function checkIds(
  { ids, tokens }: { readonly ids: readonly number[]; readonly tokens: readonly string[] },
  path: string,
): readonly number[] {
  const lost = ids.indexOf(undefined as never);
  if (lost >= 0) throw new SecateurError('BAD_CHECKPOINT', `${path}: token ${JSON.stringify(tokens[lost])} is not in the vocabulary`);
  return ids;
}

/** The special tokens that are put around a text. */
function specialEnds(ids: (text: string, special: boolean) => readonly number[]) {
  const inner = ids('a', false);
  const outer = ids('a', true);
  const at = outer.findIndex((_, from) => inner.every((id, i) => outer[from + i] === id));
  return { before: outer.slice(0, at), after: outer.slice(at + inner.length) };
}

async function readEosIds(folder: string, named: number | undefined): Promise<readonly number[]> {
  for (const file of ['generation_config.json', 'config.json']) {
    const value = (await readObject(join(folder, file)))?.eos_token_id;
    const ids = [value].flat().filter((id): id is number => Number.isInteger(id));
    if (ids.length > 0) return ids;
  }
  return named === undefined ? [] : [named];
}
