/** Reads one change of a recipe as a command line writes it: KEY=VALUE. */

import { parse } from 'yaml';
import { SecateurError } from '../error.ts';
import type { Setting } from './flow-text.ts';

/** Keys below this one are globs, which have dots of their own. */
const fixed = 'allocate.fixed.';

/**
 * `sparsity=0.6`, `solve.score.method=wanda`, `calibrate.text=[a.txt, b.txt]`, `allocate.fixed.*.q_proj=0`: a key with dots between its
 * parts, and a value as YAML.
 *
 * @throws `BAD_ARGUMENT` where the text is not of that form, or the value is neither a number, a word, true or false, nor a list of these
 */
export function readSetting(text: string): { readonly path: readonly string[]; readonly value: Setting } {
  const at = text.startsWith(fixed) ? text.lastIndexOf('=') : text.indexOf('=');
  const key = text.slice(0, Math.max(at, 0));
  const path = key.startsWith(fixed) ? [...fixed.split('.').slice(0, 2), key.slice(fixed.length)] : key.split('.');
  if (path.some((part) => part === ''))
    throw new SecateurError(
      'BAD_ARGUMENT',
      `${text} is not KEY=VALUE`,
      'Write it as sparsity=0.6, or allocate.fixed.*.q_proj=0 for a glob.',
    );
  return { path, value: readValue(text, text.slice(at + 1)) };
}

function readValue(text: string, yaml: string): Setting {
  let value: unknown;
  try {
    value = parse(yaml, { maxAliasCount: 0 });
  } catch {
    value = undefined;
  }
  const isPlain = (item: unknown) => ['string', 'number', 'boolean'].includes(typeof item);
  if (isPlain(value) || (Array.isArray(value) && value.length > 0 && value.every(isPlain))) return value as Setting;
  throw new SecateurError(
    'BAD_ARGUMENT',
    `${text}: the value is no number, word, true, false or list of these`,
    'For anything else, edit the recipe.',
  );
}
