/** Tables for a person to read in a terminal. */

import { visible } from '../recipe/render.ts';

/** Columns padded to their widest cell; those whose cells are all numbers stand right. */
export function formatTable(head: readonly string[], texts: readonly (readonly string[])[]): string {
  const rows = texts.map((row) => row.map(visible));
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const isNumeric = head.map((_, column) => rows.every((row) => /^[-+\d.,]*( %| \w+B)?$/.test(row[column])));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isNumeric[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}
