/** Mistral: Llama with attention that may slide in every block, and no biases. */

import * as v from 'valibot';
import { decoderFields, readConfig, sharedSpec, slidingFields } from './config.ts';
import { decoderModel } from './decoder.ts';
import type { Family } from './family.ts';

const schema = v.looseObject({ ...decoderFields, sliding_window: slidingFields.sliding_window });

export const mistral: Family = (json) => {
  const config = readConfig(schema, json);
  const window = config.sliding_window === undefined ? 4096 : (config.sliding_window ?? undefined);
  const windows = Array.from({ length: config.num_hidden_layers }, () => window);
  return decoderModel({ ...sharedSpec(config), biases: new Set(), headNorms: false, windows });
};
