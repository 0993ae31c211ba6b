/** A recipe's text as a tree of keys with their places, as far as it can be read: what an editor shows, folds and explains. */

import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Path } from './problem.ts';
import { contentEnd, ownRange, pairEnd, type Source } from './source.ts';
import type { YamlDocument } from './yaml-text.ts';

export type Offsets = readonly [start: number, end: number];

export interface OutlineNode {
  readonly path: Path;
  /** Of the key with its quotes; absent for the recipe itself and for the items of a list. */
  readonly key: Offsets | undefined;
  /** Of the value's own text; absent where that is empty. */
  readonly value: Offsets | undefined;
  readonly kind: 'map' | 'list' | 'scalar' | 'none';
  /** What a scalar stands for. */
  readonly scalar: unknown;
  /** From the key to the end of what belongs to it, without comments behind it. */
  readonly range: Offsets;
  readonly children: readonly OutlineNode[];
}

/** What an alias stands for is not followed: it has its own place. Of a text that is not even looked at there is an empty tree. */
export function readOutline(text: string, document: YamlDocument | undefined): OutlineNode {
  if (!document) return { path: [], key: undefined, value: undefined, kind: 'none', scalar: undefined, range: [0, 0], children: [] };
  return nodeOf({ text, document }, document.contents, [], undefined, 0);
}

/** The node a path leads to, or `undefined`; of a key that stands twice the first. */
export function findNode(outline: OutlineNode, path: Path): OutlineNode | undefined {
  return path.reduce<OutlineNode | undefined>((node, step) => node?.children.find(({ path }) => path.at(-1) === step), outline);
}

/** The innermost node whose text an offset is in. */
export function nodeAround(outline: OutlineNode, offset: number): OutlineNode {
  const inner = outline.children.find(({ range: [start, end] }) => start <= offset && offset <= end);
  return inner ? nodeAround(inner, offset) : outline;
}

/** A node and everything beneath it, in the order of the text. */
export function* nodesOf(outline: OutlineNode): Generator<OutlineNode> {
  yield outline;
  for (const child of outline.children) yield* nodesOf(child);
}

function nodeOf(source: Source, node: Node | null, path: Path, pair: Pair<Node, Node | null> | undefined, at: number): OutlineNode {
  const key = pair && ownRange(source, pair.key);
  const value = ownRange(source, node);
  const start = key?.[0] ?? value?.[0] ?? at;
  const end = pair ? pairEnd(source, pair) : node && value ? contentEnd(source, node) : start;
  return {
    path,
    key: pair && (key ?? [start, start]),
    value: value && node ? [value[0], Math.max(value[0], contentEnd(source, node))] : undefined,
    kind: isMap(node) ? 'map' : isSeq(node) ? 'list' : value ? 'scalar' : 'none',
    scalar: isScalar(node) ? node.value : undefined,
    range: [start, Math.max(start, end)],
    children: childrenOf(source, node, path),
  };
}

function childrenOf(source: Source, node: Node | null, path: Path): readonly OutlineNode[] {
  if (isSeq(node)) return node.items.map((item, i) => nodeOf(source, item as Node, [...path, i], undefined, node.range![0]));
  if (!isMap(node)) return [];
  return (node.items as Pair<Node, Node | null>[]).map((pair) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : source.text.slice(...(ownRange(source, pair.key) ?? [0, 0]));
    return nodeOf(source, pair.value, [...path, key], pair, pair.key?.range?.[0] ?? node.range![0]);
  });
}
