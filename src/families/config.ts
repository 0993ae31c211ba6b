/** Reading a Hugging Face `config.json`: the fields that decoder families share, in the old spelling and the new. */

import * as v from 'valibot';
import { SecateurError } from '../error.ts';
import type { DecoderSpec } from './decoder.ts';
import { type RopeParameters, ropeSchema } from './rope.ts';

/** Far above any model there is; it keeps a hostile config from asking for graphs without end. */
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 31 - 1));

/** The fields every decoder family has. A family adds its own. */
export const decoderFields = {
  model_type: v.string(),
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: v.pipe(count, v.maxValue(10_000)),
  num_attention_heads: count,
  num_key_value_heads: v.nullish(count),
  head_dim: v.nullish(count),
  vocab_size: count,
  max_position_embeddings: v.optional(count, 2048),
  rms_norm_eps: v.optional(v.pipe(v.number(), v.minValue(0)), 1e-6),
  hidden_act: v.optional(v.literal('silu', 'hidden_act other than "silu" is not supported'), 'silu'),
  tie_word_embeddings: v.optional(v.boolean(), false),
  rope_theta: v.nullish(v.pipe(v.number(), v.gtValue(0))),
  rope_parameters: v.nullish(ropeSchema),
  rope_scaling: v.nullish(ropeSchema),
  quantization_config: v.nullish(v.never('a quantized checkpoint is not supported; convert it to F32, F16 or BF16 first')),
};

export type DecoderConfig = v.InferOutput<v.LooseObjectSchema<typeof decoderFields, undefined>>;

/** Checks a config against a family's schema; the first fault is thrown as `BAD_CHECKPOINT`, naming field and value. */
export function readConfig<S extends v.GenericSchema>(schema: S, config: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, config);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const field = v.getDotPath(issue) ?? 'the whole';
  throw new SecateurError('BAD_CHECKPOINT', `config.json: ${field}: ${issue.message} (received ${issue.received})`);
}

/** What of a decoder's description every family reads alike; biases, norms and windows are its own. */
export function sharedSpec(config: DecoderConfig): Omit<DecoderSpec, 'biases' | 'headNorms' | 'windows'> {
  const headDim = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  if (!Number.isInteger(headDim))
    throw new SecateurError(
      'BAD_CHECKPOINT',
      `config.json: hidden_size ${config.hidden_size} is not a multiple of num_attention_heads ${config.num_attention_heads}`,
    );
  const parameters: RopeParameters = { ...config.rope_scaling, ...config.rope_parameters };
  return {
    modelType: config.model_type,
    hidden: config.hidden_size,
    intermediate: config.intermediate_size,
    nBlocks: config.num_hidden_layers,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads ?? config.num_attention_heads,
    headDim,
    vocab: config.vocab_size,
    maxLength: config.max_position_embeddings,
    epsilon: config.rms_norm_eps,
    tiedHead: config.tie_word_embeddings,
    rope: { headDim, theta: parameters.rope_theta ?? config.rope_theta ?? 10_000, maxLength: config.max_position_embeddings, parameters },
  };
}

/** Windows of the families that say per block, or from a block on, where attention slides. */
export const slidingFields = {
  use_sliding_window: v.optional(v.boolean(), false),
  sliding_window: v.nullish(count),
  max_window_layers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 28),
  layer_types: v.nullish(v.array(v.picklist(['full_attention', 'sliding_attention']))),
};

export function slidingWindows(
  config: v.InferOutput<v.LooseObjectSchema<typeof slidingFields, undefined>>,
  nBlocks: number,
): (number | undefined)[] {
  const window = (config.use_sliding_window && config.sliding_window) || undefined;
  const types = config.layer_types;
  if (types && types.length !== nBlocks)
    throw new SecateurError('BAD_CHECKPOINT', `config.json: layer_types has ${types.length} entries for ${nBlocks} layers`);
  const slides = (block: number) => (types ? types[block] === 'sliding_attention' : block >= config.max_window_layers);
  return Array.from({ length: nBlocks }, (_, block) => (slides(block) ? window : undefined));
}
