/** Every family, under the name `config.json` gives it in `model_type`. Alphabetical. */

import { SecateurError } from '../error.ts';
import type { Family, Model } from './family.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

export const families = { llama, mistral, qwen2, qwen3 } satisfies Record<string, Family>;

/** The model that a parsed `config.json` describes; `UNSUPPORTED`, with the list of those known, for any other `model_type`. */
export function readModel(config: unknown): Model {
  const modelType = (config as { model_type?: unknown } | null)?.model_type;
  if (typeof modelType !== 'string' || !Object.hasOwn(families, modelType))
    throw new SecateurError(
      'UNSUPPORTED',
      `config.json: model_type ${JSON.stringify(modelType) ?? 'is missing and'} is not a family Secateur knows`,
      `Known: ${Object.keys(families).join(', ')}.`,
    );
  return families[modelType as keyof typeof families](config);
}
