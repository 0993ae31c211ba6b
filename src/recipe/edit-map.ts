/** Puts a new key into a map of the text, in the place and style that suit it. */

import type { Node, Pair, YAMLMap } from 'yaml';
import { flowText, type Setting } from './flow-text.ts';
import { lineBreakOf, pairEnd, type Source, type TextEdit } from './source.ts';

export type TextPair = Pair<Node, Node | null>;

/**
 * @param order  the keys of this map as the schema orders them; a key that is not among them goes last
 */
export function insertPair(source: Source, map: YAMLMap, order: readonly string[], key: string, value: Setting): TextEdit {
  // `{ key: value }` without its braces.
  return insertText(source, map, order, key, flowText({ [key]: value }).slice(2, -2));
}

/** The same with the text of the pair, which in a block has the map's own indentation from its second line on. */
export function insertText(source: Source, map: YAMLMap, order: readonly string[], key: string, text: string): TextEdit {
  const pairs = map.items as TextPair[];
  const before = findBefore(pairs, order, key);
  return before ? insertAfter(source, map, before, text) : insertBefore(source, map, text);
}

/** Puts the text of a pair behind one of the map's own. */
export function insertAfter(source: Source, map: YAMLMap, before: TextPair, text: string): TextEdit {
  if (map.flow) return insertion(pairEnd(source, before), `, ${text}`);
  return insertBelow(source, pairEnd(source, before), indentOf(source, map.items[0] as TextPair), text);
}

/** Puts the text of a pair before all others. */
export function insertBefore(source: Source, map: YAMLMap, text: string): TextEdit {
  const [first] = map.items as TextPair[];
  if (!map.flow) return insertAbove(source, first.key.range![0], indentOf(source, first), text);
  if (first) return insertion(first.key.range![0], `${text}, `);
  const offset = map.range![0] + 1;
  return insertion(offset, source.text[offset] === '}' ? ` ${text} ` : ` ${text}`);
}

/** The pair that the new one stands behind: of those the schema has before it, the closest. */
function findBefore(pairs: readonly TextPair[], order: readonly string[], key: string): TextPair | undefined {
  const rank = (name: string) => order.indexOf(name);
  if (rank(key) < 0) return pairs.at(-1);
  const ranked = pairs.map((pair) => ({ pair, rank: rank(keyName(pair)) })).filter((item) => item.rank >= 0 && item.rank < rank(key));
  return ranked.toSorted((a, b) => a.rank - b.rank).at(-1)?.pair;
}

export function keyName(pair: TextPair): string {
  return String((pair.key as { readonly value?: unknown }).value);
}

/** On a line of its own below the pair; below its comments too, which are indented more. */
function insertBelow({ text: source }: Source, end: number, indent: string, text: string): TextEdit {
  let at = lineEnd(source, end);
  for (let next = commentBelow(source, at); next && next.indent > indent.length; next = commentBelow(source, at)) at = next.end;
  return insertion(at, lineBreakOf(source) + indent + text);
}

/** On a line of its own above the pair, and above the comments that stand right above it. */
function insertAbove({ text: source }: Source, start: number, indent: string, text: string): TextEdit {
  let at = lineStart(source, start);
  if (source.slice(at, start).trim() !== '') return insertion(start, text + lineBreakOf(source) + indent);
  while (at > 0 && /^[ \t]*#/.test(source.slice(lineStart(source, at - 1), at))) at = lineStart(source, at - 1);
  return insertion(at, indent + text + lineBreakOf(source));
}

export function commentBelow(source: string, at: number): { readonly indent: number; readonly end: number } | undefined {
  const comment = /\r?\n([ \t]*)#/y;
  comment.lastIndex = at;
  const found = comment.exec(source);
  return found ? { indent: found[1].length, end: lineEnd(source, comment.lastIndex) } : undefined;
}

/** The blanks that a key in the same map stands behind. */
function indentOf({ text }: Source, first: TextPair): string {
  const [start] = first.key.range!;
  return ' '.repeat(start - lineStart(text, start));
}

/** Of the line an offset is in, behind a byte order mark; elsewhere than at the very beginning such a mark is part of a word. */
export function lineStart(source: string, offset: number): number {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return start === 0 && source.startsWith('\ufeff') ? 1 : start;
}

export function lineEnd(source: string, offset: number): number {
  const end = source.indexOf('\n', offset);
  if (end < 0) return source.length;
  return source[end - 1] === '\r' ? end - 1 : end;
}

function insertion(offset: number, text: string): TextEdit {
  return { offset, length: 0, text };
}
