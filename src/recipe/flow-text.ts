/** Writes a value as YAML on one line, so that it can stand in a map of any style. */

import { Document, Scalar, YAMLSeq } from 'yaml';

export type Setting = string | number | boolean | null | readonly Setting[] | { readonly [key: string]: Setting };

/** How a text is quoted if it can be; `PLAIN` is quoted only where it must be. */
export type Quotes = 'PLAIN' | 'QUOTE_SINGLE' | 'QUOTE_DOUBLE';

/** `{ method: obs, damping: 0.1 }`, `[a, b]`, `"*.q_proj"` */
export function flowText(value: Setting, quotes: Quotes = 'PLAIN'): string {
  if (value === null || typeof value !== 'object') return scalarText(value, quotes);
  if (Array.isArray(value)) return `[${value.map((item) => flowText(item, quotes)).join(', ')}]`;
  const pairs = Object.entries(value).map(([key, item]) => `${scalarText(key, 'PLAIN')}: ${flowText(item, quotes)}`);
  return pairs.length > 0 ? `{ ${pairs.join(', ')} }` : '{}';
}

function scalarText(value: Exclude<Setting, object>, quotes: Quotes): string {
  const scalar = new Scalar(value);
  // In any but double quotes a line break would be one in the file.
  if (typeof value === 'string') scalar.type = /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) ? 'QUOTE_DOUBLE' : quotes;
  const list = new YAMLSeq();
  list.flow = true;
  list.items.push(scalar);
  const text = new Document(list).toString({
    lineWidth: 0,
    flowCollectionPadding: false,
    doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
  });
  return text.trimEnd().slice(1, -1);
}
