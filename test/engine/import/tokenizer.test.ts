import { Tokenizer } from '@huggingface/tokenizers';
import { expect, test } from 'vitest';
import { tokenizerFromGguf } from '../../../src/engine/import/tokenizer.ts';
import type { GgufValue } from '../../../src/formats/gguf.ts';
import { ggufFile } from './gguf-file.ts';

/** Bytes as a byte-level vocabulary spells them: all of ASCII, and the first bytes of what lies beyond. */
const alphabet = [
  ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)),
  'Ġ',
  'Ċ',
  'č',
  'ĉ',
  'Ã',
  '©',
  'Ì',
  'ģ',
  'Â',
  '²',
  'e',
].filter((token, i, all) => all.indexOf(token) === i);
const words = ['th', 'the', 'Ġthe', '12', '123', 'aB', "'s"];

function byteLevel(more: Readonly<Record<string, GgufValue>> = {}) {
  return {
    'general.architecture': 'llama',
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': ['<s>', '</s>', ...alphabet, ...words],
    'tokenizer.ggml.token_type': Int32Array.from([3, 3, ...alphabet.map(() => 1), ...words.map(() => 1)]),
    'tokenizer.ggml.merges': ['t h', 'th e', 'Ġ the', '1 2', '12 3', 'a B', "' s"],
    'tokenizer.ggml.bos_token_id': 0,
    'tokenizer.ggml.eos_token_id': 1,
    ...more,
  };
}

function cut(metadata: Readonly<Record<string, GgufValue>>, text: string): string[] {
  const { tokenizer, config } = tokenizerFromGguf(ggufFile(metadata));
  return new Tokenizer(tokenizer, config).encode(text).tokens;
}

test('each pre-tokenizer cuts as its name says', () => {
  const pre = (name: string, text: string) => cut(byteLevel({ 'tokenizer.ggml.pre': name, 'tokenizer.ggml.add_bos_token': false }), text);
  expect(pre('gpt-2', 'the 1234')).toEqual(['the', 'Ġ', '123', '4']);
  expect(pre('smollm', 'the 1234')).toEqual(['the', 'Ġ', '1', '2', '3', '4']);
  expect(pre('qwen2', 'the 1234')).toEqual(['the', 'Ġ', '1', '2', '3', '4']);
  expect(pre('llama-bpe', 'the 1234')).toEqual(['the', 'Ġ', '123', '4']);
  expect(pre('tekken', 'aB aB')).toEqual(['a', 'B', 'Ġ', 'a', 'B']);
  expect(pre('llama-bpe', 'aB')).toEqual(['aB']);
});

test('only the vocabulary that composes its text composes it', () => {
  const pre = (name: string) => cut(byteLevel({ 'tokenizer.ggml.pre': name }), 'e\u0301');
  expect(pre('qwen2')).toEqual(['Ã', '©']);
  expect(pre('gpt-2')).toEqual(['e', 'Ì', 'ģ']);
});

test('a piece that is a token is not merged where the pre-tokenizer says so', () => {
  // No merge makes this token, so merging alone would never find it.
  const tokens = [...(byteLevel()['tokenizer.ggml.tokens'] as string[]), 'xyz'];
  const pre = (name: string) =>
    cut(byteLevel({ 'tokenizer.ggml.pre': name, 'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.add_bos_token': false }), 'xyz');
  expect(pre('llama-bpe')).toEqual(['xyz']);
  expect(pre('smaug-bpe')).toEqual(['x', 'y', 'z']);
});

test('a text begins and ends with what the file says, or else with what the vocabulary is known for', () => {
  expect(cut(byteLevel(), 'the')).toEqual(['the']);
  expect(cut(byteLevel({ 'tokenizer.ggml.pre': 'llama-bpe' }), 'the')).toEqual(['<s>', 'the']);
  expect(cut(byteLevel({ 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_bos_token': false }), 'the')).toEqual(['the']);
  expect(cut(byteLevel({ 'tokenizer.ggml.add_bos_token': true, 'tokenizer.ggml.add_eos_token': true }), 'the')).toEqual([
    '<s>',
    'the',
    '</s>',
  ]);
});

test('control tokens and those of users are found whole; only the first are special', () => {
  const types = Int32Array.from(byteLevel()['tokenizer.ggml.token_type']);
  const tokens = byteLevel()['tokenizer.ggml.tokens'] as string[];
  types[tokens.indexOf('Ġthe')] = 4;
  const metadata = byteLevel({ 'tokenizer.ggml.token_type': types });
  expect(cut(metadata, 'the</s>Ġthe')).toEqual(['the', '</s>', 'Ġthe']);
  const { tokenizer } = tokenizerFromGguf(ggufFile(metadata)) as { tokenizer: { added_tokens: object[] } };
  expect(tokenizer.added_tokens).toMatchObject([
    { id: 0, content: '<s>', special: true },
    { id: 1, content: '</s>', special: true },
    { id: tokens.indexOf('Ġthe'), content: 'Ġthe', special: false, normalized: false },
  ]);
});

test('what fills the vocabulary up to the size of the embedding is left out', () => {
  const tokens = byteLevel()['tokenizer.ggml.tokens'] as string[];
  const types = [...byteLevel()['tokenizer.ggml.token_type'], 5, 5, 1];
  const padded = byteLevel({
    'tokenizer.ggml.tokens': [...tokens, `[PAD${tokens.length}]`, '[PAD7]', `[PAD${tokens.length + 2}]`],
    'tokenizer.ggml.token_type': Int32Array.from(types),
  });
  const { tokenizer } = tokenizerFromGguf(ggufFile(padded)) as { tokenizer: { model: { vocab: Record<string, number> } } };
  expect(tokenizer.model.vocab).not.toHaveProperty(`[PAD${tokens.length}]`);
  expect(tokenizer.model.vocab['[PAD7]']).toBe(tokens.length + 1);
  expect(tokenizer.model.vocab[`[PAD${tokens.length + 2}]`]).toBe(tokens.length + 2);
});

const piece = ['<unk>', '<s>', '</s>', '<0xC3>', '<0xA9>', '▁', 't', 'h', 'e', '▁t', 'th', 'he', 'the', '▁the'];
const sentencePiece = {
  'general.architecture': 'llama',
  'tokenizer.ggml.model': 'llama',
  'tokenizer.ggml.tokens': piece,
  'tokenizer.ggml.token_type': Int32Array.of(2, 3, 3, 6, 6, ...piece.slice(5).map(() => 1)),
  'tokenizer.ggml.scores': Float32Array.of(0, 0, 0, 0, 0, -9, -9, -9, -9, -4, -3, -2, -1, -0.5),
};

test('pieces are joined by their scores, spaces written out, unknown characters as bytes', () => {
  expect(cut(sentencePiece, 'the te')).toEqual(['<s>', '▁the', '▁t', 'e']);
  expect(cut(sentencePiece, 'thé')).toEqual(['<s>', '▁', 'th', '<0xC3>', '<0xA9>']);
  expect(cut({ ...sentencePiece, 'tokenizer.ggml.add_space_prefix': false }, 'the')).toEqual(['<s>', 'the']);
});

test('pairs are ranked by the score of what they make, and pairs that make the same by the length of the first', () => {
  const merges = (more: Record<string, GgufValue>) =>
    (tokenizerFromGguf(ggufFile({ ...sentencePiece, ...more })).tokenizer as { model: { merges: unknown } }).model.merges;
  // As `generate_merges` of transformers 5.23 orders them.
  expect(merges({})).toEqual([
    ['▁t', 'he'],
    ['▁', 'the'],
    ['th', 'e'],
    ['t', 'he'],
    ['h', 'e'],
    ['t', 'h'],
    ['▁', 't'],
  ]);
  expect(merges({ 'tokenizer.ggml.merges': ['t h'] })).toEqual([['t', 'h']]);
  expect(merges({ 'tokenizer.ggml.tokens': [...piece, ' ', ' h'], 'tokenizer.ggml.merges': ['  h'] })).toEqual([[' ', 'h']]);
});

test('what was cut is put together again, without the space that was put in front', () => {
  const { tokenizer, config } = tokenizerFromGguf(ggufFile(sentencePiece));
  const { encode, decode } = bound(new Tokenizer(tokenizer, config));
  expect(decode(encode(' the thé'))).toBe(' the thé');
});

function bound(tokenizer: Tokenizer) {
  return {
    encode: (text: string) => tokenizer.encode(text).ids,
    decode: (ids: number[]) => tokenizer.decode(ids, { skip_special_tokens: true }),
  };
}

test.each<[string, Record<string, GgufValue>, string, string]>([
  ['another kind of vocabulary', { 'tokenizer.ggml.model': 't5' }, 'UNSUPPORTED', 'tokenizer.ggml.model "t5"'],
  ['a pre-tokenizer that is not known', { 'tokenizer.ggml.pre': 'viking' }, 'UNSUPPORTED', 'tokenizer.ggml.pre "viking"'],
  ['a name every object has', { 'tokenizer.ggml.pre': 'constructor' }, 'UNSUPPORTED', 'tokenizer.ggml.pre "constructor"'],
  ['a token twice', { 'tokenizer.ggml.tokens': ['a', 'b', 'a'] }, 'BAD_FILE', 'tokenizer.ggml.tokens has "a" twice, as 0 and 2'],
  [
    'a merge of what is no token',
    { 'tokenizer.ggml.merges': ['t h', 'q q'] },
    'BAD_FILE',
    'merge 1, "q q", joins no two tokens into a third',
  ],
  ['a merge of one', { 'tokenizer.ggml.merges': ['th'] }, 'BAD_FILE', 'merge 0, "th", joins no two tokens'],
])('%s is refused by name', (_, metadata, code, message) => {
  expect(() => tokenizerFromGguf(ggufFile(byteLevel(metadata)))).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});

test('a vocabulary without a score for each piece is refused', () => {
  expect(() => tokenizerFromGguf(ggufFile({ ...sentencePiece, 'tokenizer.ggml.scores': Float32Array.of(0, 0) }))).toThrow(
    expect.objectContaining({ code: 'BAD_FILE', message: 'm.gguf: tokenizer.ggml.scores has 2 scores, none for token 2' }),
  );
});
