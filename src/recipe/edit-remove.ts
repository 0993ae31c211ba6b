/** Takes pairs out of a map of the text: whole lines in a block, a comma each in a map on one line; comments on lines of their own stay. */

import { type Node, visit, type YAMLMap } from 'yaml';
import { commentBelow, lineEnd, lineStart, type TextPair } from './edit-map.ts';
import { contentEnd, ownRange, pairEnd, type Source, slotOf, type TextEdit } from './source.ts';

/**
 * A comment behind a pair on its line goes with it in a block; in a map between braces it stays.
 *
 * @param pairs  of the map, in order; if they are all it has, the map must be between braces
 */
export function removePairs(source: Source, map: YAMLMap, pairs: readonly TextPair[]): readonly TextEdit[] {
  if (!map.flow) return pairs.map((pair) => removeLines(source, pair));
  const commas = commasOf(map);
  const removed = new Set(pairs);
  const all = map.items as TextPair[];
  const lastLeft = all.findLastIndex((pair) => !removed.has(pair));
  const comma = commas[lastLeft];
  // Without a comma behind the last pair, the one before it would be left over.
  const hasTail = comma !== undefined && lastLeft < all.length - 1 && commas.at(-1) === undefined;
  const tail = hasTail ? removeTail(source, comma, all.slice(lastLeft + 1)) : undefined;
  const single = all.flatMap((pair, i) => (removed.has(pair) && !(tail && i > lastLeft) ? [removeFromFlow(source, pair, commas[i])] : []));
  if (tail) return [...single, tail];
  return hasTail ? [...single, { offset: comma, length: 1, text: source.text[comma + 1] === '#' ? ' ' : '' }] : single;
}

/**
 * Empties the map that is the value of a pair. The pair goes too, and so does the map it is in if that has nothing else, unless a comment
 * belongs to it: one beside its key, above it, or on a line of its own within or below it. Then `{}` is left.
 *
 * @param trail  the pairs that lead to it, each in the map before; the outermost is left at least as `{}`
 */
export function removeMap(source: Source, trail: readonly { readonly map: YAMLMap; readonly pair: TextPair }[]): readonly TextEdit[] {
  const { map, pair } = trail.at(-1)!;
  const value = pair.value as YAMLMap;
  if (!hasOwnComment(source, map, pair)) {
    if (map.items.length > 1) return removePairs(source, map, [pair]);
    if (trail.length > 1) return removeMap(source, trail.slice(0, -1));
  }
  const pairs = value.items as TextPair[];
  if (!value.flow)
    return [{ offset: slotOf(pair).offset, length: 0, text: `${slotOf(pair).before}{}` }, ...removePairs(source, value, pairs)];
  const [start, end] = ownRange(source, value)!;
  if (hasComment(value.srcToken, end)) return removePairs(source, value, pairs);
  return [{ offset: start, length: end - start, text: '{}' }];
}

/** In order, and those that touch or overlap made one. */
export function joinEdits(edits: readonly TextEdit[]): readonly TextEdit[] {
  const joined: TextEdit[] = [];
  for (const edit of edits.toSorted((a, b) => a.offset - b.offset || a.length - b.length)) {
    const last = joined.at(-1);
    if (!last || edit.offset > last.offset + last.length) joined.push(edit);
    else {
      const end = Math.max(last.offset + last.length, edit.offset + edit.length);
      joined[joined.length - 1] = { offset: last.offset, length: end - last.offset, text: last.text + edit.text };
    }
  }
  return joined;
}

/** Whether a node, or one of its, is meant by an alias that stands elsewhere. */
export function isShared(source: Source, nodes: readonly (Node | null)[]): boolean {
  if (!nodes.some((node) => node && 'anchor' in node && node.anchor)) return false;
  const meant = new Set<string>();
  visit(source.document, { Alias: (_key, alias) => void meant.add(alias.source) });
  return nodes.some((node) => node && 'anchor' in node && meant.has(String(node.anchor)));
}

function removeLines({ text, ...source }: Source, pair: TextPair): TextEdit {
  const start = lineStart(text, pairStart(pair));
  const end = lineEnd(text, pairEnd({ text, ...source }, pair));
  if (end < text.length) return removal(start, text.indexOf('\n', end) + 1);
  const before = text.slice(0, start).search(/\r?\n$/);
  return removal(before < 0 ? start : before, end);
}

/** With the comma before them, in one piece; `undefined` if comments stand between. */
function removeTail(source: Source, comma: number, pairs: readonly TextPair[]): TextEdit | undefined {
  const ends = [comma, ...pairs.map((pair) => pairEnd(source, pair))];
  const isPlain = pairs.every((pair, i) => /^[\s,]*$/.test(source.text.slice(ends[i], pairStart(pair))));
  return isPlain ? removal(comma, ends.at(-1)!) : undefined;
}

/** With the comma behind it, and with its line if nothing else is on it. */
function removeFromFlow(source: Source, pair: TextPair, comma: number | undefined): TextEdit {
  const { text } = source;
  const [start, pairEnds] = [pairStart(pair), pairEnd(source, pair)];
  const end = comma === undefined ? pairEnds : comma + 1;
  const between = text.slice(pairEnds, end);
  // A comment stands between the pair and its comma, which then stands for nothing and must go with both.
  if (/[^\s,]/.test(between)) return { offset: start, length: end - start, text: between.slice(0, -1) };
  const line = lineStart(text, start);
  const rest = lineEnd(text, end);
  if (rest < text.length && text.slice(line, start).trim() === '' && text.slice(end, rest).trim() === '')
    return removal(line, text.indexOf('\n', rest) + 1);
  if (comma === undefined) return removal(start, end);
  const blanks = /[ \t]*/y;
  blanks.lastIndex = end;
  blanks.exec(text);
  const next = blanks.lastIndex;
  return text[next] === '#' ? { offset: start, length: next - start, text: ' ' } : removal(start, next);
}

/** Where the comma behind each pair is, in a map between braces. */
function commasOf(map: YAMLMap): (number | undefined)[] {
  const { items } = map.srcToken as { readonly items: readonly Token[] };
  const places = new Map(items.map((item, i) => [item, i]));
  return (map.items as TextPair[]).map((pair) => {
    const next = items[places.get(pair.srcToken as unknown as Token)! + 1];
    return next?.start?.find(({ type }) => type === 'comma')?.offset;
  });
}

/** Of its key, or of the mark, anchor or tag before that. */
function pairStart(pair: TextPair): number {
  const mark = pair.srcToken?.start.find(({ type }) => type === 'explicit-key-ind' || type === 'anchor' || type === 'tag');
  return mark && 'offset' in mark ? mark.offset : pair.key.range![0];
}

function hasOwnComment(source: Source, map: YAMLMap, pair: TextPair): boolean {
  const { text } = source;
  const value = pair.value as YAMLMap;
  if ((map.flow || value.flow) && hasComment(pair.srcToken, contentEnd(source, value))) return true;
  if (map.flow) return false;
  const start = lineStart(text, pairStart(pair));
  const end = contentEnd(source, value);
  if (start > 0 && /^[ \t]*#/.test(text.slice(lineStart(text, start - 1), start))) return true;
  const below = commentBelow(text, lineEnd(text, end));
  if (below && below.indent > pairStart(pair) - start) return true;
  if (value.flow) return /\s#/.test(text.slice(end, lineEnd(text, end)));
  const [beside, ...lines] = text.slice(slotOf(pair).offset, end).split('\n');
  return /(^|\s)#/.test(beside) || lines.some((line) => /^\s*#/.test(line));
}

interface Token {
  readonly type?: string;
  readonly offset?: number;
  readonly start?: readonly Token[];
  readonly sep?: readonly Token[];
  readonly end?: readonly Token[];
  readonly items?: readonly Token[];
  readonly key?: unknown;
  readonly value?: unknown;
}

/** Whether a comment stands in a token, before an offset: the one behind a brace is counted to what the brace closes. */
function hasComment(token: unknown, before: number): boolean {
  if (typeof token !== 'object' || token === null) return false;
  const { type, offset = 0, start, sep, end, items, key, value } = token as Token;
  if (type === 'comment') return offset < before;
  const inner = [start, sep, end, items].flatMap((list) => (Array.isArray(list) ? list : []));
  return [...inner, key, value].some((part) => hasComment(part, before));
}

function removal(from: number, to: number): TextEdit {
  return { offset: from, length: to - from, text: '' };
}
