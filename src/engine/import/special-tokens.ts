/** The ids of the tokens that mark something rather than spell it. */

import { SecateurError } from '../../error.ts';
import { type GgufFile, getCount, getText, getTexts, need } from './metadata.ts';

export interface SpecialTokens {
  readonly bos?: number;
  readonly eos?: number;
  /** End of a turn, and of a message in it. */
  readonly eot?: number;
  readonly eom?: number;
  readonly unk?: number;
  readonly pad?: number;
}

/** `BAD_FILE` for an id beyond the vocabulary. */
export function specialTokens(file: GgufFile): SpecialTokens {
  const nTokens = need(file, 'tokenizer.ggml.tokens', getTexts).length;
  // What llama.cpp takes where a SentencePiece vocabulary does not say.
  const usual = getText(file, 'tokenizer.ggml.model') === 'llama' ? { bos: 1, eos: 2, unk: 0 } : {};
  const keys = { bos: 'bos', eos: 'eos', eot: 'eot', eom: 'eom', unk: 'unknown', pad: 'padding' };
  const ids = Object.entries(keys).flatMap(([name, part]) => {
    const key = `tokenizer.ggml.${part}_token_id`;
    const id = getCount(file, key);
    if (id === undefined) return [];
    if (id >= nTokens) throw new SecateurError('BAD_FILE', `${file.label}: ${key} is ${id}, the vocabulary has ${nTokens} tokens`);
    return [[name, id] as const];
  });
  return { ...usual, ...Object.fromEntries(ids) };
}
