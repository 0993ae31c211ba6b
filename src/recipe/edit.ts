/** Sets one value in a recipe's text by the smallest change: comments, order, quotes and style stay as they are. */

import type * as v from 'valibot';
import { isAlias, isCollection, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { SecateurError } from '../error.ts';
import { insertPair } from './edit-map.ts';
import { type Entries, shapeOf } from './fields.ts';
import { flowText, type Setting } from './flow-text.ts';
import { type Path, pathName } from './problem.ts';
import { fileSchema } from './schema.ts';
import { contentEnd, lineBreakOf, ownRange, type Slot, type Source, slotOf, type TextEdit } from './source.ts';
import { readYaml } from './yaml-text.ts';

/**
 * Keys that are not there yet are made, in the schema's order; what is new is written on one line. Through an alias the value is
 * set in a copy, since what it stands for has another place.
 *
 * @returns  the new text, and the edits of the old one that lead to it, in order and apart from each other; none if the value is there
 * @throws   `BAD_RECIPE` if the text is not YAML, or the path leads to an item beyond the end of a list
 */
export function setValue(text: string, path: Path, value: Setting): { readonly text: string; readonly edits: readonly TextEdit[] } {
  const { document, faults } = readYaml(text);
  const fault = faults.find(({ severity }) => severity === 'error');
  if (!document || fault) throw new SecateurError('BAD_RECIPE', `${pathName(path)} cannot be set: ${fault?.message}`);
  const edits = valueEdits({ text, document }, path, value);
  return { text: applyEdits(text, edits), edits };
}

/** @param edits  apart from each other and in order */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const pieces = edits.map(({ offset, text: piece }, i) => {
    const last = edits[i - 1];
    return text.slice(last ? last.offset + last.length : 0, offset) + piece;
  });
  const last = edits.at(-1);
  return pieces.join('') + text.slice(last ? last.offset + last.length : 0);
}

/** A value in the tree, and where the text of one that has none would go. */
interface Place {
  readonly node: Node | null;
  readonly slot: Slot;
}

/** Goes down the path as far as the text has it, and there sets what is left of the path. As `setValue`, for a text that has been read. */
export function valueEdits(source: Source, path: Path, value: Setting): readonly TextEdit[] {
  const { contents } = source.document;
  if (!ownRange(source, contents)) return [appendKey(source, path, value)];
  let place: Place = { node: contents, slot: { offset: 0, before: '' } };
  let schema: v.GenericSchema | undefined = fileSchema;
  for (const [depth, step] of path.entries()) {
    const { node } = place;
    if (isMap(node)) {
      const key = String(step);
      const entries: Entries | undefined = schema && entriesAt(schema, node.get('method'));
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (!pair)
        return [insertPair(source, node, Object.keys(entries ?? {}), key, withValue(undefined, path.slice(depth + 1), value, path))];
      place = { node: pair.value as Node | null, slot: slotOf(pair as Pair<Node, Node | null>) };
      schema = entries && Object.hasOwn(entries, key) ? entries[key] : undefined;
      continue;
    }
    const item = isSeq(node) && typeof step === 'number' ? (node.items[step] as Node | undefined) : undefined;
    const range = ownRange(source, item);
    if (!item || !range) return replaceValue(source, place, withValue(plainOf(source, node, path), path.slice(depth), value, path));
    place = { node: item, slot: { offset: range[0], before: '' } };
    schema = undefined;
  }
  if (isScalar(place.node) && place.node.value === value && ownRange(source, place.node)) return [];
  return replaceValue(source, place, value);
}

/** The keys that a map or step may have; `undefined` where they are the user's own. */
export function entriesAt(schema: v.GenericSchema, method: unknown): Entries | undefined {
  const shape = shapeOf(schema);
  if (shape.kind === 'map') return shape.entries;
  if (shape.kind !== 'step') return undefined;
  return shape.methods.get(String(method ?? shape.fallback))?.entries;
}

function replaceValue(source: Source, { node, slot }: Place, value: Setting): readonly TextEdit[] {
  const { text } = source;
  const range = ownRange(source, node);
  if (!node || !range) return [{ offset: slot.offset, length: 0, text: slot.before + flowText(value) }];
  const quotes = isScalar(node) && (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE') ? node.type : 'PLAIN';
  const [start] = range;
  const end = contentEnd(source, node);
  // A block that begins below its key gives way to a value beside the key; a comment behind the key keeps its line.
  const lineBreak = isCollection(node) && !node.flow ? text.slice(slot.offset, start).search(/\r?\n/) : -1;
  if (lineBreak < 0) return [{ offset: start, length: end - start, text: flowText(value, quotes) }];
  const from = slot.offset + lineBreak;
  return [
    { offset: slot.offset, length: 0, text: slot.before + flowText(value) },
    { offset: from, length: end - from, text: '' },
  ];
}

/** In an empty document, below all comments. */
function appendKey({ text }: Source, path: Path, value: Setting): TextEdit {
  const lineBreak = lineBreakOf(text);
  const pair = flowText(withValue(undefined, path, value, path)).slice(2, -2);
  return { offset: text.length, length: 0, text: (text === '' || text.endsWith('\n') ? '' : lineBreak) + pair + lineBreak };
}

/** The value of a node in plain data: what is set beside it must not be lost. */
function plainOf({ document }: Source, node: Node | null, path: Path): unknown {
  if (!isCollection(node) && !isAlias(node)) return undefined;
  try {
    return node.toJS(document);
  } catch (error) {
    throw new SecateurError('BAD_RECIPE', `${pathName(path)} cannot be set: ${(error as Error).message}`, undefined, { cause: error });
  }
}

/** `base` with the value at the path, in a copy; whatever on the way is neither map nor list is replaced. */
function withValue(base: unknown, rest: Path, value: Setting, path: Path): Setting {
  if (rest.length === 0) return value;
  const [key, ...deeper] = rest;
  if (typeof key === 'string') {
    const map = typeof base === 'object' && base !== null && !Array.isArray(base) ? (base as Record<string, Setting>) : {};
    return { ...map, [key]: withValue(map[key], deeper, value, path) };
  }
  const list = Array.isArray(base) ? (base as Setting[]) : [];
  if (key > list.length) throw new SecateurError('BAD_RECIPE', `${pathName(path)} cannot be set: the list has ${list.length} items`);
  return list.toSpliced(key, 1, withValue(list[key], deeper, value, path));
}
