/** A GGUF file's metadata as the `config.json` and `generation_config.json` of a Hugging Face checkpoint. */

import { SecateurError } from '../../error.ts';
import { type GgufArchitecture, ggufArchitectures } from '../../families/gguf-names.ts';
import { asDecimal, type GgufFile, getCount, getNumber, getNumbers, getText, getTexts, need } from './metadata.ts';
import { ropeParameters } from './rope.ts';
import { specialTokens } from './special-tokens.ts';
import type { WeightDtype } from './weights.ts';

/** The keys below `<architecture>.` that decide what the model computes, and those that do not. */
const understood = new Set([
  'attention.head_count',
  'attention.head_count_kv',
  'attention.key_length',
  'attention.layer_norm_rms_epsilon',
  'attention.value_length',
  'block_count',
  'context_length',
  'embedding_length',
  'feed_forward_length',
  'rope.dimension_count',
  'rope.freq_base',
  'rope.scale_linear',
  'rope.scaling.factor',
  'rope.scaling.finetuned',
  'rope.scaling.original_context_length',
  'rope.scaling.type',
  'rope.scaling.yarn_beta_fast',
  'rope.scaling.yarn_beta_slow',
  'tensor_data_layout',
  'vocab_size',
]);

/** Further keys, at the one value that means what a config means by not having them. */
const neutral: Readonly<Record<string, number | boolean>> = {
  'attention.causal': true,
  'rope.scaling.attn_factor': 1,
  'rope.scaling.yarn_attn_factor': 1,
  'rope.scaling.yarn_ext_factor': 1,
};

const dtypeNames: Readonly<Record<WeightDtype, string>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** A `config.json`, and the one field that the weights cannot be written without. */
export type GgufConfig = Readonly<Record<string, unknown>> & { readonly head_dim: number };

/** `UNSUPPORTED`, with the list of those known, for a file of another architecture. */
export function readArchitecture(file: GgufFile): GgufArchitecture {
  const name = need(file, 'general.architecture', getText);
  const architecture = ggufArchitectures.find((known) => known === name);
  if (architecture) return architecture;
  throw new SecateurError('UNSUPPORTED', `${file.label}: architecture "${name}"`, `Known: ${ggufArchitectures.join(', ')}.`);
}

/**
 * @param dtype    of the weights as they will be written
 * @param factors  what `rope_freqs.weight` holds, if it is there
 * @throws         `BAD_FILE` for a key that is missing, `UNSUPPORTED` for one that a config cannot express
 */
export function configFromGguf(file: GgufFile, dtype: WeightDtype, factors: Float32Array | undefined): GgufConfig {
  const architecture = readArchitecture(file);
  const key = (name: string) => `${architecture}.${name}`;
  refuseUnknown(file, architecture);
  const hidden = need(file, key('embedding_length'), getCount);
  const heads = uniform(file, key('attention.head_count'));
  const headDim = readHeadDim(file, architecture, hidden / heads);
  const rope_parameters = ropeParameters(file, architecture, headDim, factors);
  const { rope_theta, ...scaling } = rope_parameters;
  return {
    ...family(file, architecture),
    hidden_size: hidden,
    intermediate_size: uniform(file, key('feed_forward_length')),
    num_hidden_layers: need(file, key('block_count'), getCount),
    num_attention_heads: heads,
    head_dim: headDim,
    num_key_value_heads: file.metadata.has(key('attention.head_count_kv')) ? uniform(file, key('attention.head_count_kv')) : heads,
    vocab_size: readVocabSize(file),
    max_position_embeddings: need(file, key('context_length'), getCount),
    rms_norm_eps: asDecimal(need(file, key('attention.layer_norm_rms_epsilon'), getNumber)),
    hidden_act: 'silu',
    tie_word_embeddings: !file.tensors.has('output.weight'),
    rope_parameters,
    // The same in the old spelling, for readers that would else fall back to a default in silence.
    rope_theta,
    ...(scaling.rope_type !== 'default' && { rope_scaling: scaling }),
    initializer_range: 0.02,
    attention_dropout: 0,
    use_cache: true,
    ...tokenIds(file),
    dtype: dtypeNames[dtype],
  };
}

export function generationConfigFromGguf(file: GgufFile): Record<string, unknown> {
  const { eos, eot, eom } = specialTokens(file);
  const ends = [...new Set([eos, eot, eom])].filter((id) => id !== undefined);
  return { ...tokenIds(file), ...(ends.length > 1 && { eos_token_id: ends }) };
}

function refuseUnknown(file: GgufFile, architecture: GgufArchitecture): void {
  for (const [key, value] of file.metadata) {
    const name = key.startsWith(`${architecture}.`) ? key.slice(architecture.length + 1) : undefined;
    if (name === undefined || understood.has(name) || (name === 'attention.sliding_window' && architecture === 'llama')) continue;
    // Writers give the counts of features that a model lacks as 0.
    if (Object.hasOwn(neutral, name) ? value === neutral[name] : value === 0) continue;
    const shown = typeof value === 'object' ? 'a list' : value;
    throw new SecateurError(
      'UNSUPPORTED',
      `${file.label}: ${key} (${shown}) is nothing that a ${architecture} checkpoint can say in Hugging Face form`,
    );
  }
}

/** What sets a family's config apart. A Mistral is stored as a llama that may have a window. */
function family(file: GgufFile, architecture: GgufArchitecture): Record<string, unknown> {
  const hasBias = (part: string) =>
    [...file.tensors.keys()].some((name) => name.startsWith('blk.') && name.includes(`.${part}`) && name.endsWith('.bias'));
  const isFull = { use_sliding_window: false, sliding_window: null };
  if (architecture === 'qwen2') return { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', ...isFull };
  if (architecture === 'qwen3')
    return { architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', attention_bias: hasBias('attn_'), ...isFull };
  const window = getCount(file, 'llama.attention.sliding_window');
  if (window) return { architectures: ['MistralForCausalLM'], model_type: 'mistral', sliding_window: window };
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    attention_bias: hasBias('attn_'),
    mlp_bias: hasBias('ffn_'),
    pretraining_tp: 1,
  };
}

/** A count that every layer shares; files may also say it layer by layer. */
function uniform(file: GgufFile, key: string): number {
  if (typeof file.metadata.get(key) === 'number') return need(file, key, getCount);
  const counts = [...new Set(need(file, key, getNumbers))];
  if (counts.length === 1) return counts[0];
  throw new SecateurError(
    'UNSUPPORTED',
    `${file.label}: ${key} differs between layers (${counts.slice(0, 4).join(', ')}), which config.json cannot say`,
  );
}

function readHeadDim(file: GgufFile, architecture: GgufArchitecture, usual: number): number {
  const keyLength = getCount(file, `${architecture}.attention.key_length`) ?? usual;
  const others = { 'attention.value_length': 'values', 'rope.dimension_count': 'rotated dimensions' };
  for (const [name, what] of Object.entries(others)) {
    const count = getCount(file, `${architecture}.${name}`);
    if (count !== undefined && count !== keyLength)
      throw new SecateurError(
        'UNSUPPORTED',
        `${file.label}: heads have ${keyLength} dimensions but ${count} ${what} (${architecture}.${name})`,
      );
  }
  return keyLength;
}

function readVocabSize(file: GgufFile): number {
  const embedding = file.tensors.get('token_embd.weight');
  if (!embedding) throw new SecateurError('BAD_FILE', `${file.label}: tensor token_embd.weight is missing`);
  const nTokens = need(file, 'tokenizer.ggml.tokens', getTexts).length;
  if (nTokens > embedding.shape[0])
    throw new SecateurError('BAD_FILE', `${file.label}: ${nTokens} tokens for the ${embedding.shape[0]} rows of token_embd.weight`);
  return embedding.shape[0];
}

function tokenIds(file: GgufFile): Record<'bos_token_id' | 'eos_token_id' | 'pad_token_id', number | null> {
  const { bos, eos, pad } = specialTokens(file);
  return { bos_token_id: bos ?? null, eos_token_id: eos ?? null, pad_token_id: pad ?? null };
}
