/** SentencePiece vocabularies of GGUF files (`tokenizer.ggml.model` "llama") as the parts of a `tokenizer.json`. */

import { SecateurError } from '../../error.ts';
import { readMerges } from './byte-level.ts';
import { type GgufFile, getFlag, getNumbers, need } from './metadata.ts';
import { specialTokens } from './special-tokens.ts';
import type { TokenizerParts } from './tokenizer.ts';

/** What SentencePiece writes for a space. */
const space = '▁';

/** The tokenizer that transformers' converter makes of a Llama: BPE over characters with bytes for what is unknown. */
export function sentencePieceParts(file: GgufFile, vocabulary: ReadonlyMap<string, number>): TokenizerParts {
  const prefixes = getFlag(file, 'tokenizer.ggml.add_space_prefix') ?? true;
  const replace = (from: string, to: string) => ({ type: 'Replace', pattern: { String: from }, content: to });
  const { unk } = specialTokens(file);
  const byId = new Map([...vocabulary].map(([token, id]) => [id, token]));
  return {
    normalizer: { type: 'Sequence', normalizers: [...(prefixes ? [{ type: 'Prepend', prepend: space }] : []), replace(' ', space)] },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        replace(space, ' '),
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefixes ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unk === undefined ? null : (byId.get(unk) ?? null),
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(vocabulary),
      merges: file.metadata.has('tokenizer.ggml.merges') ? readMerges(file, vocabulary) : mergesFromScores(file, vocabulary),
    },
    addsBos: true,
  };
}

/**
 * SentencePiece joins whichever neighbours make the token of the best score. The same as ranks of pairs: every way to make a token of
 * two, best score first; as transformers' `generate_merges` orders them.
 */
function mergesFromScores(file: GgufFile, vocabulary: ReadonlyMap<string, number>): [string, string][] {
  const scores = need(file, 'tokenizer.ggml.scores', getNumbers);
  const pairs: { left: string; right: string; nLeft: number; nRight: number; score: number }[] = [];
  for (const [token, id] of vocabulary) {
    if (!(id < scores.length))
      throw new SecateurError('BAD_FILE', `${file.label}: tokenizer.ggml.scores has ${scores.length} scores, none for token ${id}`);
    const characters = [...token];
    const ways = characters.slice(1).flatMap((_, i) => {
      const [left, right] = [characters.slice(0, i + 1).join(''), characters.slice(i + 1).join('')];
      return vocabulary.has(left) && vocabulary.has(right)
        ? [{ left, right, nLeft: i + 1, nRight: characters.length - i - 1, score: scores[id] }]
        : [];
    });
    pairs.push(
      ...ways.sort((a, b) => vocabulary.get(a.left)! - vocabulary.get(b.left)! || vocabulary.get(a.right)! - vocabulary.get(b.right)!),
    );
  }
  pairs.sort((a, b) => b.score - a.score || b.nLeft - a.nLeft || b.nRight - a.nRight);
  return pairs.map(({ left, right }) => [left, right]);
}
