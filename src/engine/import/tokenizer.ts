/** A GGUF file's tokenizer as `tokenizer.json` and `tokenizer_config.json`. */

import { SecateurError } from '../../error.ts';
import { byteLevelParts } from './byte-level.ts';
import { type GgufFile, getCount, getFlag, getNumbers, getText, getTexts, need } from './metadata.ts';
import { sentencePieceParts } from './sentencepiece.ts';
import { specialTokens } from './special-tokens.ts';

/** What a kind of vocabulary decides of a `tokenizer.json`. */
export interface TokenizerParts {
  readonly normalizer: object | null;
  readonly pre_tokenizer: object | null;
  readonly decoder: object;
  readonly model: object;
  /** Whether a text begins with the BOS token where the file does not say. */
  readonly addsBos: boolean;
}

const kinds: Readonly<Record<string, (file: GgufFile, vocabulary: ReadonlyMap<string, number>) => TokenizerParts>> = {
  gpt2: byteLevelParts,
  llama: sentencePieceParts,
};

/** `tokenizer.ggml.token_type` of the tokens that are found in a text before anything else is. */
const tokenTypes = { unknown: 2, control: 3, userDefined: 4, unused: 5 };

/** @throws `UNSUPPORTED` for another kind of vocabulary or pre-tokenizer, `BAD_FILE` for what contradicts itself */
export function tokenizerFromGguf(file: GgufFile): { tokenizer: object; config: object } {
  const kind = need(file, 'tokenizer.ggml.model', getText);
  if (!Object.hasOwn(kinds, kind))
    throw new SecateurError('UNSUPPORTED', `${file.label}: tokenizer.ggml.model "${kind}"`, `Known: ${Object.keys(kinds).join(', ')}.`);
  const tokens = need(file, 'tokenizer.ggml.tokens', getTexts);
  const types = getNumbers(file, 'tokenizer.ggml.token_type');
  const { addsBos, ...parts } = kinds[kind](file, readVocabulary(file, tokens, types));
  const special = specialTokens(file);
  const at = (id: number | undefined) => (id === undefined ? null : tokens[id]);
  const bos = (getFlag(file, 'tokenizer.ggml.add_bos_token') ?? addsBos) ? special.bos : undefined;
  const eos = (getFlag(file, 'tokenizer.ggml.add_eos_token') ?? false) ? special.eos : undefined;
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(tokens, types, new Set(Object.values(special))),
      ...parts,
      post_processor: template(tokens, bos, eos),
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: getCount(file, `${getText(file, 'general.architecture')}.context_length`),
      bos_token: at(special.bos),
      eos_token: at(special.eos),
      unk_token: at(special.unk),
      pad_token: at(special.pad),
      clean_up_tokenization_spaces: false,
      chat_template: getText(file, 'tokenizer.chat_template'),
    },
  };
}

/** Converters fill a vocabulary that is smaller than the embedding up with `[PAD<id>]`; those were never tokens. */
function readVocabulary(file: GgufFile, tokens: readonly string[], types: ArrayLike<number> | undefined): ReadonlyMap<string, number> {
  const vocabulary = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (token === `[PAD${id}]` && types?.[id] === tokenTypes.unused) return;
    const first = vocabulary.get(token);
    if (first !== undefined)
      throw new SecateurError('BAD_FILE', `${file.label}: tokenizer.ggml.tokens has ${JSON.stringify(token)} twice, as ${first} and ${id}`);
    vocabulary.set(token, id);
  });
  return vocabulary;
}

function addedTokens(tokens: readonly string[], types: ArrayLike<number> | undefined, special: ReadonlySet<number>): object[] {
  return tokens.flatMap((content, id) => {
    const isSpecial = special.has(id) || types?.[id] === tokenTypes.control || types?.[id] === tokenTypes.unknown;
    if (!isSpecial && types?.[id] !== tokenTypes.userDefined) return [];
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: isSpecial }];
  });
}

/** Puts BOS before and EOS behind a text, where there is one to put. */
function template(tokens: readonly string[], bos: number | undefined, eos: number | undefined): object | null {
  if (bos === undefined && eos === undefined) return null;
  const marks = [bos, eos].filter((id) => id !== undefined);
  const mark = (id: number | undefined, type_id: number) => (id === undefined ? [] : [{ SpecialToken: { id: tokens[id], type_id } }]);
  const sequence = (id: string, type_id: number) => [...mark(bos, type_id), { Sequence: { id, type_id } }, ...mark(eos, type_id)];
  return {
    type: 'TemplateProcessing',
    single: sequence('A', 0),
    pair: [...sequence('A', 0), ...sequence('B', 1)],
    special_tokens: Object.fromEntries(marks.map((id) => [tokens[id], { id: tokens[id], ids: [id], tokens: [tokens[id]] }])),
  };
}
