/** Qwen3 (dense): explicit head size, queries and keys normalised per head, optional attention biases. */

import * as v from 'valibot';
import { decoderFields, readConfig, sharedSpec, slidingFields, slidingWindows } from './config.ts';
import { decoderModel } from './decoder.ts';
import type { Family } from './family.ts';

const schema = v.looseObject({
  ...decoderFields,
  ...slidingFields,
  head_dim: v.optional(decoderFields.hidden_size, 128),
  attention_bias: v.optional(v.boolean(), false),
});

export const qwen3: Family = (json) => {
  const config = readConfig(schema, json);
  const biases = new Set(config.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : []);
  return decoderModel({ ...sharedSpec(config), biases, headNorms: true, windows: slidingWindows(config, config.num_hidden_layers) });
};
