/** Holds a YAML tree against the schema: finds every key and value that may not stand where it stands. */

import * as v from 'valibot';
import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { type Advice, adviseKey, adviseMap, adviseMethod, adviseValue } from './advice.ts';
import { type Entries, enumerate, isOptional, type Shape, shapeOf, wordsOf } from './fields.ts';
import { nearest } from './nearest.ts';
import { type Path, pathName } from './problem.ts';
import { ownRange } from './source.ts';
import { createResolver, type Placed, type YamlDocument } from './yaml-text.ts';

/**
 * @param schema  a strict object
 * @returns       the problems with their offsets; if there are none, `value` is something that `schema` parses without an issue
 */
export function checkTree(
  text: string,
  document: YamlDocument,
  schema: v.GenericSchema,
): { readonly value: unknown; readonly problems: Placed[] } {
  const check: Check = { text, schema, resolve: createResolver(document), problems: [] };
  const start = document.contents?.range[0] ?? 0;
  const value = checkNode(check, placeOf(check, document.contents, [], [start, start]), schema);
  return { value, problems: check.problems };
}

interface Check {
  readonly text: string;
  readonly schema: v.GenericSchema;
  readonly resolve: (node: Node | null) => Node | null;
  readonly problems: Placed[];
}

type Offsets = Placed['offsets'];

interface Place {
  readonly node: Node | null;
  readonly path: Path;
  /** `calibrate.samples` */
  readonly name: string;
  readonly offsets: Offsets;
  /** The text of its value, for messages. */
  readonly shown: string;
  /** Of the key it belongs to, to point at what is not there. */
  readonly keyOffsets: Offsets;
}

function checkNode(check: Check, place: Place, schema: v.GenericSchema): unknown {
  const { node } = place;
  const shape = shapeOf(schema);
  if (node === null || (isScalar(node) && node.value === null)) return addValue(check, place, wordsOf(schema));
  if (shape.kind === 'value')
    return isSeq(node) && shape.item ? checkList(check, place, node.items as Node[], schema, shape.item) : checkValue(check, place, schema);
  if (!isMap(node)) return addValue(check, place, 'a map of keys and values', adviseMap(node, place.name, shape));
  if (shape.kind === 'map') return checkMap(check, place, node, shape.entries, place.name);
  if (shape.kind === 'record') return checkRecord(check, place, node, shape);
  return checkStep(check, place, node, shape);
}

function checkValue(check: Check, place: Place, schema: v.GenericSchema): unknown {
  const value = isScalar(place.node) ? place.node.value : undefined;
  if (value !== undefined && v.is(schema, value)) return value;
  return addValue(check, place, wordsOf(schema), adviseValue(value, schema));
}

function checkList(check: Check, place: Place, items: readonly Node[], schema: v.GenericSchema, item: v.GenericSchema): unknown {
  const { path, offsets } = place;
  if (items.length === 0) return addValue(check, place, wordsOf(schema));
  return items.map((node, i) => checkNode(check, placeOf(check, node, [...path, i], offsets), item));
}

function checkMap(check: Check, place: Place, map: YAMLMap, entries: Entries, owner: string): unknown {
  const keys = Object.keys(entries);
  const value: Record<string, unknown> = {};
  const meant = new Set<string>();
  for (const { key, inner } of pairsOf(check, place, map)) {
    const schema = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (schema) value[key] = checkNode(check, inner, schema);
    else {
      const close = nearest(key, keys);
      if (close) meant.add(close);
      const message = `${owner} has no key ${show(key)}; it has ${enumerate(keys, 'and')}`;
      add(check, inner.keyOffsets, 'UNKNOWN_KEY', inner.path, message, adviseKey(key, close, keys, check.schema));
    }
  }
  for (const [key, schema] of Object.entries(entries))
    if (!isOptional(schema) && !Object.hasOwn(value, key) && !meant.has(key))
      add(check, place.keyOffsets, 'MISSING_KEY', [...place.path, key], `${owner} needs the key ${key}: ${wordsOf(schema)}`);
  return value;
}

function checkStep(check: Check, place: Place, map: YAMLMap, { methods, fallback }: Shape & { kind: 'step' }): unknown {
  const given = pairsOf({ ...check, problems: [] }, place, map).find(({ key }) => key === 'method')?.inner;
  const name = given === undefined ? fallback : isScalar(given.node) ? given.node.value : undefined;
  const method = typeof name === 'string' ? methods.get(name) : undefined;
  if (method) return checkMap(check, place, map, method.entries, `${place.name} with method ${name}`);
  const words = enumerate([...methods.keys()]);
  const advice = adviseMethod(name, place.name, methods);
  if (given) add(check, given.offsets, 'UNKNOWN_METHOD', given.path, `${given.name} is ${given.shown}, not ${words}`, advice);
  else add(check, place.keyOffsets, 'MISSING_KEY', [...place.path, 'method'], `${place.name} needs the key method: ${words}`, advice);
  return undefined;
}

function checkRecord(
  check: Check,
  place: Place,
  map: YAMLMap,
  { key: keySchema, value: valueSchema }: Shape & { kind: 'record' },
): unknown {
  const entries = pairsOf(check, place, map).map(({ key, inner }) => {
    const fault = v.safeParse(keySchema, key).issues?.[0].message;
    if (fault !== undefined)
      add(check, inner.keyOffsets, 'BAD_VALUE', inner.path, `${place.name}: ${show(key)} cannot be a key here: ${fault}`);
    return [key, checkNode(check, inner, valueSchema)] as const;
  });
  return Object.fromEntries(entries);
}

/** The pairs of a map under their keys as text; of a key that stands twice only the first, and a problem. */
function pairsOf(check: Check, { path, keyOffsets }: Place, map: YAMLMap): { readonly key: string; readonly inner: Place }[] {
  const seen = new Map<string, { readonly key: string; readonly inner: Place }>();
  for (const pair of map.items) {
    const keyNode = pair.key as Node | null;
    const offsets = ownRange(check, keyNode) ?? keyOffsets;
    const key = isScalar(keyNode) ? String(keyNode.value) : check.text.slice(...offsets);
    if (seen.has(key))
      add(check, offsets, 'DUPLICATE_KEY', [...path, key], `${pathName([...path, key])} stands twice`, { hint: 'Take one of them out.' });
    else seen.set(key, { key, inner: placeOf(check, pair.value as Node | null, [...path, key], offsets) });
  }
  return [...seen.values()];
}

function placeOf(check: Check, given: Node | null, path: Path, keyOffsets: Offsets): Place {
  const own = ownRange(check, given);
  return {
    node: check.resolve(given),
    path,
    name: path.length === 0 ? 'a recipe' : pathName(path),
    offsets: own ?? keyOffsets,
    shown: own ? show(check.text.slice(...own)) : 'empty',
    keyOffsets,
  };
}

function addValue(check: Check, place: Place, words: string, more: Advice = {}): undefined {
  add(check, place.offsets, 'BAD_VALUE', place.path, `${place.name} is ${place.shown}, not ${words}`, more);
}

function add({ problems }: Check, offsets: Offsets, code: Placed['code'], path: Path, message: string, more: Advice = {}): void {
  problems.push({ code, severity: 'error', message, path, offsets, ...more });
}

/** A value or key from the text, on one line and cut where it is long. */
function show(words: string): string {
  if (words === '') return '""';
  const line = words.slice(0, 80).replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
