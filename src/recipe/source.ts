/** Where the nodes of a YAML tree are in its text. */

import { isCollection, isPair, type Node, type Pair } from 'yaml';
import type { YamlDocument } from './yaml-text.ts';

export interface Source {
  readonly text: string;
  readonly document: YamlDocument;
}

export interface TextEdit {
  readonly offset: number;
  /** Of the text that is replaced, UTF-16 units. */
  readonly length: number;
  readonly text: string;
}

/** Where the text of a value goes that has none yet, and what must stand before it. */
export interface Slot {
  readonly offset: number;
  readonly before: string;
}

/** A node's own text, without the white space behind it; `undefined` for a node that has none, as the value in `key:`. */
export function ownRange({ text }: Pick<Source, 'text'>, node: Node | null | undefined): readonly [number, number] | undefined {
  if (!node?.range) return undefined;
  const [start, end] = node.range;
  const length = text.slice(start, end).trimEnd().length;
  return length > 0 ? [start, start + length] : undefined;
}

/** The end of the last thing in a node that is neither white space nor a comment. */
export function contentEnd(source: Source, node: Node): number {
  const last = isCollection(node) && !node.flow ? node.items.at(-1) : undefined;
  if (isPair(last)) return pairEnd(source, last as Pair<Node, Node | null>);
  if (last) return contentEnd(source, last as Node);
  return ownRange(source, node)?.[1] ?? node.range![0];
}

export function pairEnd(source: Source, pair: Pair<Node, Node | null>): number {
  return pair.value && ownRange(source, pair.value) ? contentEnd(source, pair.value) : slotOf(pair).offset;
}

/** Behind the colon of a pair, and the anchor or tag if there is one. */
export function slotOf(pair: Pair<Node, Node | null>): Slot {
  const mark = pair.srcToken?.sep?.findLast(({ type }) => type === 'map-value-ind' || type === 'anchor' || type === 'tag');
  if (mark && 'source' in mark) return { offset: mark.offset + mark.source.length, before: ' ' };
  return { offset: pair.key.range![1], before: ': ' };
}

export function lineBreakOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
