import { expect, test } from 'vitest';
import { configFromGguf, generationConfigFromGguf, readArchitecture } from '../../../src/engine/import/config.ts';
import type { GgufValue } from '../../../src/formats/gguf.ts';
import { ggufFile } from './gguf-file.ts';

const tokenizer = { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.tokens': ['a', 'b', 'c', 'd'] };

const llama: Readonly<Record<string, GgufValue>> = {
  'general.architecture': 'llama',
  'llama.embedding_length': 24,
  'llama.block_count': 2,
  'llama.feed_forward_length': 40,
  'llama.context_length': 100,
  'llama.attention.head_count': 4,
  'llama.attention.head_count_kv': 2,
  'llama.attention.layer_norm_rms_epsilon': Math.fround(1e-5),
  ...tokenizer,
};
const tied = { 'token_embd.weight': [9, 24] };

function config(metadata: Readonly<Record<string, GgufValue>>, shapes: Record<string, readonly number[]> = tied) {
  return configFromGguf(ggufFile(metadata, shapes), 'BF16', undefined);
}

test('a llama has every field that decides its logits, in the old spelling of positions and in the new', () => {
  expect(config(llama)).toMatchObject({
    model_type: 'llama',
    head_dim: 6,
    num_key_value_heads: 2,
    vocab_size: 9,
    rms_norm_eps: 1e-5,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: true,
    rope_parameters: { rope_type: 'default', rope_theta: 10_000 },
    rope_theta: 10_000,
    bos_token_id: null,
    dtype: 'bfloat16',
  });
  expect(config(llama)).not.toHaveProperty('rope_scaling');
  expect(config({ ...llama, 'llama.rope.scaling.factor': 2 })).toMatchObject({ rope_scaling: { rope_type: 'linear', factor: 2 } });
});

test('tensors say whether the head is tied and where there are biases', () => {
  expect(config(llama, { ...tied, 'output.weight': [9, 24] })).toMatchObject({ tie_word_embeddings: false });
  expect(config(llama, { ...tied, 'blk.1.attn_q.bias': [24] })).toMatchObject({ attention_bias: true, mlp_bias: false });
  expect(config(llama, { ...tied, 'blk.0.ffn_up.bias': [40] })).toMatchObject({ attention_bias: false, mlp_bias: true });
});

test('heads of their own size are said, and without key-value heads every head has its own', () => {
  expect(config({ ...llama, 'llama.attention.key_length': 8, 'llama.attention.value_length': 8 })).toMatchObject({ head_dim: 8 });
  const { 'llama.attention.head_count_kv': _, ...others } = llama;
  expect(config(others)).toMatchObject({ num_key_value_heads: 4 });
});

test('counts that a file gives layer by layer are taken where all are alike', () => {
  expect(config({ ...llama, 'llama.feed_forward_length': Int32Array.of(40, 40) })).toMatchObject({ intermediate_size: 40 });
  expect(() => config({ ...llama, 'llama.feed_forward_length': Int32Array.of(40, 36) })).toThrow(
    expect.objectContaining({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('llama.feed_forward_length differs between layers (40, 36)'),
    }),
  );
});

test('a window makes a llama a mistral', () => {
  expect(config({ ...llama, 'llama.attention.sliding_window': 64 })).toMatchObject({ model_type: 'mistral', sliding_window: 64 });
  expect(config({ ...llama, 'llama.attention.sliding_window': 0 })).toMatchObject({ model_type: 'llama' });
});

test('features that are named but off are passed over', () => {
  const off = { 'llama.expert_count': 0, 'llama.attention.causal': true, 'llama.rope.scaling.attn_factor': 1 };
  expect(config({ ...llama, ...off })).toEqual(config(llama));
});

test.each<[string, GgufValue]>([
  ['llama.expert_count', 8],
  ['llama.attention.causal', false],
  ['llama.rope.scaling.attn_factor', 0.7],
  ['llama.logit_scale', 0.5],
])('%s at %s is nothing a config can say, and refused by name', (key, value) => {
  expect(() => config({ ...llama, [key]: value })).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining(`${key} (${value})`) }),
  );
});

test.each<[string, Record<string, GgufValue>, string, string]>([
  ['a key that is missing', { 'llama.embedding_length': 'x' }, 'BAD_FILE', 'llama.embedding_length is x, not a whole number'],
  ['partly rotated heads', { 'llama.rope.dimension_count': 4 }, 'UNSUPPORTED', 'heads have 6 dimensions but 4 rotated dimensions'],
  ['values of another size', { 'llama.attention.value_length': 4 }, 'UNSUPPORTED', 'heads have 6 dimensions but 4 values'],
  ['more tokens than rows', { 'tokenizer.ggml.tokens': [...'abcdefghij'] }, 'BAD_FILE', '10 tokens for the 9 rows of token_embd.weight'],
  [
    'an id beyond the tokens',
    { 'tokenizer.ggml.bos_token_id': 4 },
    'BAD_FILE',
    'tokenizer.ggml.bos_token_id is 4, the vocabulary has 4 tokens',
  ],
])('%s is refused', (_, metadata, code, message) => {
  expect(() => config({ ...llama, ...metadata })).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
});

test('an architecture that is not known is named with those that are', () => {
  expect(() => readArchitecture(ggufFile({ 'general.architecture': 'mamba' }))).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: 'm.gguf: architecture "mamba"', hint: 'Known: llama, qwen2, qwen3.' }),
  );
});

test('generation ends at whatever the file says ends a text, a turn or a message', () => {
  const ids = { 'tokenizer.ggml.bos_token_id': 0, 'tokenizer.ggml.eos_token_id': 1 };
  expect(generationConfigFromGguf(ggufFile({ ...tokenizer, ...ids }))).toEqual({ bos_token_id: 0, eos_token_id: 1, pad_token_id: null });
  const turns = { 'tokenizer.ggml.eot_token_id': 3, 'tokenizer.ggml.eom_token_id': 1 };
  expect(generationConfigFromGguf(ggufFile({ ...tokenizer, ...ids, ...turns }))).toMatchObject({ eos_token_id: [1, 3] });
});
