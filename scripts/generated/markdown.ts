/** Small pieces of Markdown. */

import type * as v from 'valibot';
import { defaultOf, descriptionOf, type Entries, isOptional, wordsOf } from '../../src/recipe/fields.ts';

export const madeFromCode = '<!-- Made from the code by `npm run golden`; edits here are lost. -->';

/** Columns are padded, as the formatter wants them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => [...row[column]].length)));
  const line = (row: readonly string[], filler: string) =>
    `| ${row.map((cell, column) => cell + filler.repeat(widths[column] - [...cell].length)).join(' | ')} |`;
  const rule = line(
    head.map(() => ''),
    '-',
  );
  const [first, ...others] = cells.map((row) => line(row, ' '));
  return [first, rule, ...others].join('\n');
}

/** A row for every key of a map. */
export function keysTable(entries: Entries): string {
  const rows = Object.entries(entries).map(([key, schema]) => [`\`${key}\``, wordsOf(schema), defaultWords(schema), descriptionOf(schema)]);
  return table(['key', 'takes', 'default', 'meaning'], rows);
}

function defaultWords(schema: v.GenericSchema): string {
  const value = defaultOf(schema);
  if (value === undefined) return isOptional(schema) ? '' : 'needed';
  return typeof value === 'object' ? '' : `\`${value}\``;
}
