import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importGguf } from '../../../src/engine/import/gguf.ts';
import { memorySource } from '../../../src/formats/byte-source.ts';
import { parseShardIndex, readSafetensorsHeader } from '../../../src/formats/safetensors.ts';

import { type WrittenFile, writeGguf } from '../../formats/gguf-writer.ts';

const folder = new URL('../../reference/gguf/', import.meta.url).pathname;
const models = readdirSync(folder).filter((name) => name.endsWith('.gguf'));

/** What decides the logits, and what of a config decides it differently when absent. */
const configKeys = [
  'architectures',
  'attention_bias',
  'bos_token_id',
  'eos_token_id',
  'head_dim',
  'hidden_act',
  'hidden_size',
  'intermediate_size',
  'max_position_embeddings',
  'mlp_bias',
  'model_type',
  'num_attention_heads',
  'num_hidden_layers',
  'num_key_value_heads',
  'rms_norm_eps',
  'rope_parameters',
  'sliding_window',
  'tie_word_embeddings',
  'use_sliding_window',
  'vocab_size',
];

let temporary: string;
let to: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'secateur-import-'));
  to = join(temporary, 'model');
});
afterEach(() => rmSync(temporary, { recursive: true }));

describe.each(models)('%s', (name) => {
  const path = join(folder, name);
  const wanted = JSON.parse(readFileSync(path.replace(/gguf$/, 'json'), 'utf8'));

  test('gives back every tensor of the original, bit for bit, and no other', async () => {
    const result = await importGguf(path, to);
    expect(await digests(to, 'model.safetensors')).toEqual(wanted.tensors);
    expect(result).toMatchObject({ folder: to, modelType: wanted.config.model_type });
    expect(result.sizeBytes).toBe(sum(wanted.tensors, ({ dtype, shape }) => product(shape) * (dtype === 'F32' ? 4 : 2)));
    expect(result.nWeights).toBe(sum(wanted.tensors, ({ shape }) => product(shape)));
  });

  test('gives back what of the config decides the logits', async () => {
    await importGguf(path, to);
    const config = readJson('config.json');
    const original = { ...wanted.config, architectures: config.architectures };
    // A Qwen2 has no head_dim of its own to give back.
    original.head_dim ??= wanted.config.hidden_size / wanted.config.num_attention_heads;
    const keys = configKeys.filter((key) => key in original);
    expect(pick(config, keys)).toEqual(pick(original, keys));
    expect(config.architectures).toEqual([
      `${{ llama: 'Llama', mistral: 'Mistral', qwen2: 'Qwen2', qwen3: 'Qwen3' }[config.model_type as string]}ForCausalLM`,
    ]);
  });

  test('gives back a tokenizer that cuts texts as the original did', async () => {
    await importGguf(path, to);
    const tokenizer = new Tokenizer(readJson('tokenizer.json'), readJson('tokenizer_config.json'));
    const texts: { text: string; ids: number[] }[] = wanted.texts;
    expect(texts.map(({ text }) => ({ text, ids: tokenizer.encode(text).ids }))).toEqual(texts);
    expect(readJson('tokenizer_config.json')).toMatchObject({ chat_template: "{% for m in messages %}{{ m['content'] }}{% endfor %}" });
  });
});

const sample = join(folder, 'llama-quantized.gguf');

test('tensors lie in the file by dtype, and by name within one, as the reference writer lays them', async () => {
  await importGguf(sample, to);
  const { tensors } = await readSafetensorsHeader(memorySource(readFileSync(join(to, 'model.safetensors'))), 'm');
  const names = (dtype: string) => [...tensors].filter(([, tensor]) => tensor.dtype === dtype).map(([name]) => name);
  expect([...tensors.keys()]).toEqual([...names('BF16').toSorted(), ...names('F16').toSorted()]);
  expect(names('F16')).toEqual(['model.layers.0.mlp.down_proj.weight', 'model.layers.1.mlp.down_proj.weight']);
});

test('two imports of one file write the same bytes', async () => {
  const again = join(temporary, 'again');
  await importGguf(sample, to);
  await importGguf(sample, again);
  expect(readdirSync(again)).toEqual(readdirSync(to));
  for (const file of readdirSync(to)) expect(readFileSync(join(again, file)).equals(readFileSync(join(to, file))), file).toBe(true);
});

test('weights beyond the limit of one file are written in shards, each tensor once', async () => {
  const wanted = JSON.parse(readFileSync(sample.replace(/gguf$/, 'json'), 'utf8'));
  const { sizeBytes } = await importGguf(sample, to, { shardBytes: 20_000 });
  const index = parseShardIndex(readFileSync(join(to, 'model.safetensors.index.json'), 'utf8'), 'index');
  const names = [...new Set(index.weightMap.values())].toSorted();
  expect(readdirSync(to).filter((file) => file.endsWith('.safetensors'))).toEqual(names);
  expect(names).toEqual(['model-00001-of-00003.safetensors', 'model-00002-of-00003.safetensors', 'model-00003-of-00003.safetensors']);
  const parts = await Promise.all(names.map((name) => digests(to, name)));
  expect(Object.assign({}, ...parts)).toEqual(wanted.tensors);
  for (const [i, part] of parts.entries()) for (const tensor of Object.keys(part)) expect(index.weightMap.get(tensor)).toBe(names[i]);
  expect(index.totalSize).toBe(sizeBytes);
});

test('progress tells the bytes of each piece and ends at the whole', async () => {
  const steps: { done: number; total: number; tensor: string }[] = [];
  const { sizeBytes } = await importGguf(sample, to, { onProgress: (step) => steps.push(step) });
  expect(steps.at(-1)).toMatchObject({ done: sizeBytes, total: sizeBytes });
  expect(steps.every(({ done }, i) => i === 0 || done > steps[i - 1].done)).toBe(true);
  expect(new Set(steps.map(({ tensor }) => tensor)).size).toBe(34);
});

test('an import that is stopped leaves nothing', async () => {
  const stop = new AbortController();
  const running = importGguf(sample, to, { signal: stop.signal, onProgress: ({ done }) => done > 20_000 && stop.abort() });
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED', message: 'the import of llama-quantized.gguf was stopped' });
  expect(readdirSync(temporary)).toEqual([]);
});

test('an import never touches a folder that is there', async () => {
  await importGguf(sample, to);
  const before = readFileSync(join(to, 'config.json'));
  await expect(importGguf(sample, to)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS', message: `${to} exists` });
  expect(readFileSync(join(to, 'config.json'))).toEqual(before);
  expect(readdirSync(temporary)).toEqual(['model']);
});

/** Changes bytes of the sample: every occurrence of a text, by one of the same length. */
function altered(from: string, into: string): string {
  const bytes = readFileSync(sample);
  let found = 0;
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1), found++) bytes.write(into, at);
  expect(found).toBeGreaterThan(0);
  const path = join(temporary, 'altered.gguf');
  writeFileSync(path, bytes);
  return path;
}

test.each([
  ['general.architecture', 'general.architecturX', 'BAD_FILE', 'general.architecture is missing'],
  ['llama.block_count', 'llama.block_counX', 'UNSUPPORTED', 'llama.block_counX (2)'],
  ['llama.context_length', 'llama.expert_countXX', 'UNSUPPORTED', 'llama.expert_countXX (512)'],
  ['blk.0.attn_q.weight', 'blk.0.attn_X.weight', 'UNSUPPORTED', 'tensor blk.0.attn_X.weight has no place in a llama checkpoint'],
  ['blk.1.', 'blk.7.', 'UNSUPPORTED', 'model.layers.7.'],
  ['smollm', 'smolXX', 'UNSUPPORTED', 'tokenizer.ggml.pre "smolXX"'],
  ['tokenizer.ggml.merges', 'tokenizer.ggml.mergeX', 'BAD_FILE', 'tokenizer.ggml.merges is missing'],
  ['tokenizer.ggml.model', 'tokenizer.ggml.modeX', 'BAD_FILE', 'tokenizer.ggml.model is missing'],
  ['linear', 'lineaX', 'UNSUPPORTED', 'llama.rope.scaling.type "lineaX"'],
])('a file whose %s became %s is refused by name and leaves nothing', async (from, into, code, message) => {
  const path = altered(from, into);
  await expect(importGguf(path, to)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  await expect(importGguf(path, to)).rejects.toThrow(new RegExp(`^${basename(path)}: `));
  expect(existsSync(to)).toBe(false);
  expect(readdirSync(temporary)).toEqual([basename(path)]);
});

/** Another value for a u32 of the sample's metadata. */
function patched(key: string, value: number): string {
  const bytes = readFileSync(sample);
  const at = bytes.indexOf(key);
  bytes.writeUInt32LE(value, at + key.length + 4);
  const path = join(temporary, 'patched.gguf');
  writeFileSync(path, bytes);
  return path;
}

test.each([
  ['llama.block_count', 3, 'model.layers.2.input_layernorm.weight is missing'],
  ['llama.feed_forward_length', 32, 'model.layers.0.mlp.gate_proj.bias is [64], the metadata imply [32]'],
  ['llama.attention.head_count_kv', 3, 'read as a config.json: num_attention_heads 4 is not a multiple of num_key_value_heads 3'],
])('a file whose tensors do not fit a %s of %i is refused by name and shape', async (key, value, message) => {
  await expect(importGguf(patched(key, value), to)).rejects.toMatchObject({ message: `patched.gguf: ${message}` });
  expect(readdirSync(temporary)).toEqual(['patched.gguf']);
});

test('a part of a split file, and a type that is not known, are refused with the way out', async () => {
  const path = join(temporary, 'part.gguf');
  const metadata: WrittenFile['metadata'] = [
    ['general.architecture', { type: 'string', value: 'llama' }],
    ['split.count', { type: 'u16', value: 3 }],
  ];
  writeFileSync(path, writeGguf({ metadata, tensors: [] }));
  await expect(importGguf(path, to)).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: 'Join them first: llama-gguf-split --merge.' });

  const tensors: WrittenFile['tensors'] = [{ name: 'token_embd.weight', type: 'IQ2_XXS', shape: [2, 256], data: new Uint8Array(132) }];
  writeFileSync(path, writeGguf({ metadata: metadata.slice(0, 1), tensors }));
  await expect(importGguf(path, to)).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: 'part.gguf: tensor token_embd.weight is stored as IQ2_XXS',
  });
});

function readJson(name: string) {
  return JSON.parse(readFileSync(join(to, name), 'utf8'));
}

async function digests(root: string, name: string) {
  const bytes = readFileSync(join(root, name));
  const { tensors, dataOffset } = await readSafetensorsHeader(memorySource(bytes), name);
  const hash = (begin: number, end: number) =>
    createHash('sha256')
      .update(bytes.subarray(dataOffset + begin, dataOffset + end))
      .digest('hex');
  return Object.fromEntries([...tensors].map(([key, { dtype, shape, begin, end }]) => [key, { dtype, shape, sha256: hash(begin, end) }]));
}

function pick(from: Record<string, unknown>, keys: readonly string[]) {
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
}

function sum(
  tensors: Record<string, { dtype: string; shape: number[] }>,
  of: (tensor: { dtype: string; shape: number[] }) => number,
): number {
  return Object.values(tensors).reduce((total, tensor) => total + of(tensor), 0);
}

function product(shape: number[]): number {
  return shape.reduce((all, dim) => all * dim, 1);
}
