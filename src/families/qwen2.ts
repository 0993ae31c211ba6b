/** Qwen2 and Qwen2.5: biases on q, k and v; attention that may slide from a block on. */

import * as v from 'valibot';
import { decoderFields, readConfig, sharedSpec, slidingFields, slidingWindows } from './config.ts';
import { decoderModel } from './decoder.ts';
import type { Family } from './family.ts';

const schema = v.looseObject({ ...decoderFields, ...slidingFields });

export const qwen2: Family = (json) => {
  const config = readConfig(schema, json);
  const windows = slidingWindows(config, config.num_hidden_layers);
  return decoderModel({ ...sharedSpec(config), biases: new Set(['q_proj', 'k_proj', 'v_proj']), headNorms: false, windows });
};
