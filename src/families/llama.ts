/** Llama (and what is built like it: SmolLM2, TinyLlama, …), as `model_type: llama` describes it. */

import * as v from 'valibot';
import { decoderFields, readConfig, sharedSpec } from './config.ts';
import { decoderModel } from './decoder.ts';
import type { Family } from './family.ts';

const schema = v.looseObject({
  ...decoderFields,
  attention_bias: v.optional(v.boolean(), false),
  mlp_bias: v.optional(v.boolean(), false),
});

export const llama: Family = (json) => {
  const config = readConfig(schema, json);
  const attention = config.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : [];
  const mlp = config.mlp_bias ? ['gate_proj', 'up_proj', 'down_proj'] : [];
  return decoderModel({ ...sharedSpec(config), biases: new Set([...attention, ...mlp]), headNorms: false, windows: [] });
};
