/** Byte-level BPE vocabularies of GGUF files (`tokenizer.ggml.model` "gpt2") as the parts of a `tokenizer.json`. */

import { SecateurError } from '../../error.ts';
import { type GgufFile, getText, getTexts, need } from './metadata.ts';
import type { TokenizerParts } from './tokenizer.ts';

/** How text is cut before pairs are merged: every match of each pattern, in turn, becomes a piece, and so does what lies between. */
interface PreTokenizer {
  readonly patterns: readonly string[];
  /** A piece that is a token as a whole is taken as it is, without merging. */
  readonly ignoresMerges?: boolean;
  /** The text is composed (NFC) first. */
  readonly composes?: boolean;
  /** What `tokenizer.ggml.add_bos_token` is where the file does not say. */
  readonly addsBos?: boolean;
}

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const words = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const symbolsAndSpace = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const gpt4Pattern = `${contractions}|${words}|\\p{N}{1,3}|${symbolsAndSpace}`;
const qwen2Pattern = `${contractions}|${words}|\\p{N}|${symbolsAndSpace}`;

const gpt2: PreTokenizer = { patterns: [gpt2Pattern] };
const digitByDigit: PreTokenizer = { patterns: ['\\p{N}', gpt2Pattern] };
const llama3: PreTokenizer = { patterns: [gpt4Pattern], ignoresMerges: true, addsBos: true };
const qwen2: PreTokenizer = { patterns: [qwen2Pattern] };

/** By the name llama.cpp gives them in `tokenizer.ggml.pre`; the patterns are those of the tokenizers the names stand for. */
const preTokenizers: Readonly<Record<string, PreTokenizer>> = {
  dbrx: { patterns: [gpt4Pattern] },
  'deepseek-coder': { patterns: ['[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', '[一-龥ࠀ-一가-퟿]+', '\\p{N}'] },
  'deepseek-r1-qwen': qwen2,
  default: { patterns: ['[\\p{P}\\$\\+<=>\\^~\\|]+', gpt2Pattern, '\\p{N}+', '[0-9][0-9][0-9]'] },
  falcon3: llama3,
  'gpt-2': gpt2,
  'llama-bpe': llama3,
  'llama-v3': llama3,
  llama3: llama3,
  megrez: qwen2,
  'minerva-7b': digitByDigit,
  mpt: gpt2,
  olmo: gpt2,
  qwen2: { ...qwen2, composes: true },
  refact: digitByDigit,
  'smaug-bpe': { patterns: [gpt4Pattern] },
  smollm: digitByDigit,
  stablelm2: qwen2,
  starcoder: digitByDigit,
  tekken: {
    patterns: [
      [
        String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`,
        String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`,
        String.raw`\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
      ].join('|'),
    ],
    ignoresMerges: true,
    addsBos: true,
  },
};

/** `UNSUPPORTED` for a pre-tokenizer that is not in the table: a wrong one would change the tokens in silence. */
export function byteLevelParts(file: GgufFile, vocabulary: ReadonlyMap<string, number>): TokenizerParts {
  const name = getText(file, 'tokenizer.ggml.pre') ?? 'default';
  if (!Object.hasOwn(preTokenizers, name))
    throw new SecateurError(
      'UNSUPPORTED',
      `${file.label}: tokenizer.ggml.pre "${name}"`,
      `Known: ${Object.keys(preTokenizers).join(', ')}.`,
    );
  const { patterns, ignoresMerges = false, composes = false, addsBos = false } = preTokenizers[name];
  const split = (pattern: string) => ({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false });
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    normalizer: composes ? { type: 'NFC' } : null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...patterns.map(split), byteLevel] },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: ignoresMerges,
      vocab: Object.fromEntries(vocabulary),
      merges: readMerges(file, vocabulary),
    },
    addsBos,
  };
}

/** Pairs in the order of their rank. `BAD_FILE` for one whose parts or result are not in the vocabulary. */
export function readMerges(file: GgufFile, vocabulary: ReadonlyMap<string, number>): [string, string][] {
  return need(file, 'tokenizer.ggml.merges', getTexts).map((merge, rank) => {
    // A first part may itself be a space.
    const gap = merge.indexOf(' ', 1);
    const pair: [string, string] = [merge.slice(0, gap), merge.slice(gap + 1)];
    if (gap > 0 && [...pair, pair.join('')].every((token) => vocabulary.has(token))) return pair;
    throw new SecateurError('BAD_FILE', `${file.label}: merge ${rank}, ${JSON.stringify(merge)}, joins no two tokens into a third`);
  });
}
