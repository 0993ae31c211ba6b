import { expect, test } from 'vitest';
import { huggingFaceTensor } from '../../src/families/gguf-names.ts';

test.each([
  ['token_embd.weight', 'model.embed_tokens.weight'],
  ['output_norm.weight', 'model.norm.weight'],
  ['output.weight', 'lm_head.weight'],
  ['blk.0.attn_norm.weight', 'model.layers.0.input_layernorm.weight'],
  ['blk.12.ffn_norm.weight', 'model.layers.12.post_attention_layernorm.weight'],
  ['blk.3.attn_output.bias', 'model.layers.3.self_attn.o_proj.bias'],
  ['blk.3.ffn_down.weight', 'model.layers.3.mlp.down_proj.weight'],
  ['blk.3.attn_q_norm.weight', 'model.layers.3.self_attn.q_norm.weight'],
])('%s holds %s, rows as they are', (ggufName, name) => {
  expect(huggingFaceTensor('llama', ggufName)).toEqual({ name });
});

test('only an architecture called llama interleaves the rows of queries and keys, biases included', () => {
  const query = 'model.layers.7.self_attn.q_proj';
  expect(huggingFaceTensor('llama', 'blk.7.attn_q.weight')).toEqual({ name: `${query}.weight`, interleaved: 'query' });
  expect(huggingFaceTensor('llama', 'blk.7.attn_q.bias')).toEqual({ name: `${query}.bias`, interleaved: 'query' });
  expect(huggingFaceTensor('llama', 'blk.7.attn_k.weight')?.interleaved).toBe('key');
  expect(huggingFaceTensor('qwen2', 'blk.7.attn_q.weight')).toEqual({ name: `${query}.weight` });
  expect(huggingFaceTensor('qwen3', 'blk.7.attn_k.weight')?.interleaved).toBeUndefined();
});

test.each([
  'blk.0.ffn_gate_exps.weight',
  'blk.x.attn_q.weight',
  'blk.0.attn_q.scale',
  'rope_freqs.weight',
  'constructor',
  'blk.0.constructor.weight',
])('%s is no tensor of these families', (ggufName) => {
  expect(huggingFaceTensor('llama', ggufName)).toBeUndefined();
});
