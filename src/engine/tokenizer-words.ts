/** Restates a tokenizer.json, so that the JavaScript tokenizers give the ids of the Rust ones, and give them word by word. */

import { SecateurError } from '../error.ts';

/** A normalizer, pre-tokenizer or post-processor. */
export interface Component {
  readonly type: string;
  readonly pretokenizers?: readonly Component[];
  readonly normalizers?: readonly Component[];
  readonly [option: string]: unknown;
}

export interface TokenizerJson {
  readonly normalizer: Component | null;
  readonly pre_tokenizer: Component | null;
  readonly post_processor: Component | null;
  readonly decoder: Component | null;
  readonly model: { readonly type?: string; readonly vocab: Readonly<Record<string, number>> | readonly (readonly [string, number])[] };
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
}

/** GPT-2's words. In tokenizer.json `\s` means Unicode's White_Space, which JavaScript's `\s` is not: U+0085 is in, U+FEFF is not. */
const gpt2Words = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/** SentencePiece's space. */
const space = '▁';

/**
 * The same tokenizer with its words spelt out as patterns.
 *
 * ByteLevel's built-in pattern is written as a Split, whose `\s` the library translates. A Metaspace that splits, splits. And where a
 * BPE model is given the whole text as one word (Llama 2, Gemma), words are cut before each run of spaces if no token of the vocabulary
 * reaches over such a place: then no merge does, and a merge within one word is the same merge in the whole text. 1.3 MB of text took
 * 21 s as one word and takes 2 s so.
 */
export function withWords(json: TokenizerJson): TokenizerJson {
  return { ...json, pre_tokenizer: json.pre_tokenizer?.type === 'Metaspace' ? metaspaceWords(json) : wholeTextWords(json) };
}

function metaspaceWords({ pre_tokenizer: metaspace, model }: TokenizerJson): Component {
  if (metaspace!.split !== false) return sequence(metaspace!, split(`${space}[^${space}]*|[^${space}]+`));
  return staysInWords(model) ? sequence(metaspace!, split(wordsAfterSpaces)) : metaspace!;
}

function wholeTextWords({ normalizer, pre_tokenizer: words, model }: TokenizerJson): Component | null {
  const isWhole = words === null || (words.type === 'Split' && isObject(words.pattern) && words.pattern.String === ' ');
  if (!isWhole) return byteLevelWords(words!);
  return flatten(normalizer, 'normalizers').some(replacesSpaces) && staysInWords(model) ? split(wordsAfterSpaces) : words;
}

function byteLevelWords(words: Component): Component {
  if (words.type === 'Sequence') return { ...words, pretokenizers: (words.pretokenizers ?? []).map(byteLevelWords) };
  // A prefix space is put before the split, and no Split can do that; such a tokenizer keeps the library's own pattern.
  if (words.type !== 'ByteLevel' || words.use_regex === false || words.add_prefix_space === true) return words;
  return sequence(split(gpt2Words), { ...words, use_regex: false });
}

const wordsAfterSpaces = `${space}*[^${space}]+|${space}+`;

function staysInWords({ type, vocab }: TokenizerJson['model']): boolean {
  const reachesOver = new RegExp(`[^${space}]${space}`, 'u');
  return type === 'BPE' && !Object.keys(vocab).some((token) => reachesOver.test(token));
}

function replacesSpaces({ type, pattern, content }: Component): boolean {
  return type === 'Replace' && isObject(pattern) && pattern.String === ' ' && content === space;
}

/** A component and, for a Sequence, its members, in order. */
export function flatten(component: Component | null, members: 'normalizers' | 'pretokenizers'): Component[] {
  if (!component) return [];
  return component.type === 'Sequence' ? (component[members] ?? []).flatMap((member) => flatten(member, members)) : [component];
}

function split(pattern: string): Component {
  return { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
}

function sequence(...pretokenizers: Component[]): Component {
  return { type: 'Sequence', pretokenizers };
}

/** A special token as tokenizer_config.json writes it: its text, or an object with it. */
export function tokenText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return isObject(value) && typeof value.content === 'string' ? value.content : undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks as much of a tokenizer.json as is read here; the library checks the rest. */
export function asTokenizerJson(json: Readonly<Record<string, unknown>>, path: string): TokenizerJson {
  const { model, added_tokens = [], normalizer = null, pre_tokenizer = null, post_processor = null, decoder = null } = json;
  if (!isObject(model) || typeof model.vocab !== 'object' || model.vocab === null)
    throw new SecateurError('BAD_CHECKPOINT', `${path}: the model has no vocabulary`);
  if (!Array.isArray(added_tokens)) throw new SecateurError('BAD_CHECKPOINT', `${path}: added_tokens is not a list`);
  for (const [name, component] of Object.entries({ normalizer, pre_tokenizer, post_processor, decoder }))
    if (component !== null && !(isObject(component) && typeof component.type === 'string'))
      throw new SecateurError('BAD_CHECKPOINT', `${path}: ${name} has no type`);
  return { model, added_tokens, normalizer, pre_tokenizer, post_processor, decoder } as unknown as TokenizerJson;
}
