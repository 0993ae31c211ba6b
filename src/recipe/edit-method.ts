/** Names another method for a step in the text, and takes out the options that only the old one had. */

import * as v from 'valibot';
import { isAlias, isMap, isNode, isScalar, type Node, type YAMLMap } from 'yaml';
import { SecateurError } from '../error.ts';
import { valueEdits } from './edit.ts';
import { keyName, type TextPair } from './edit-map.ts';
import { isShared, joinEdits, removePairs } from './edit-remove.ts';
import { type Entries, enumerate, type Shape, shapeOf } from './fields.ts';
import type { Setting } from './flow-text.ts';
import { fileSchema } from './schema.ts';
import type { Source, TextEdit } from './source.ts';

/**
 * Options that both methods have stay as they are, unless the new one does not take their value; so do keys that neither has. A step that
 * is not there yet is written on one line.
 *
 * @returns  apart from each other and in order; none if the method is there already
 * @throws   `BAD_ARGUMENT` where the step has no such method
 *           `BAD_RECIPE` when an alias elsewhere means something that would change
 */
export function methodEdits(source: Source, step: 'measure' | 'allocate', method: string): readonly TextEdit[] {
  const { document } = source;
  const { methods, fallback } = shapeOf(fileSchema.entries[step]) as Extract<Shape, { kind: 'step' }>;
  const after = methods.get(method)?.entries;
  if (!after)
    throw new SecateurError('BAD_ARGUMENT', `${step}.method ${method} does not exist`, `Choose ${enumerate([...methods.keys()])}.`);
  const node = document.get(step, true);
  const written = plainOf(source, node);
  const old = written.method ?? fallback;
  if (old === method) return [];
  const before = methods.get(String(old))?.entries ?? {};
  const isGone = (key: string, value: unknown) => key !== 'method' && Object.hasOwn(before, key) && !takes(after, key, value);
  if (isAlias(node)) {
    const kept = Object.entries(written).filter(([key, value]) => !isGone(key, value));
    return valueEdits(source, [step], { ...(Object.fromEntries(kept) as Record<string, Setting>), method });
  }
  const named = valueEdits(source, [step, 'method'], method);
  if (!isMap(node)) return named;
  const pairs = (node.items as TextPair[]).filter((pair) => isScalar(pair.key) && isGone(keyName(pair), written[keyName(pair)]));
  const name = node.get('method', true);
  const touched = [...(isNode(name) ? [name] : []), ...pairs.flatMap(({ key, value }): (Node | null)[] => [key, value])];
  if (isShared(source, touched))
    throw new SecateurError(
      'BAD_RECIPE',
      `${step} has an anchor that is used elsewhere in the recipe`,
      'Change the method in the text, or write the value where the anchor is used.',
    );
  return joinEdits([...named, ...removePairs(source, node as YAMLMap, pairs)]);
}

function takes(entries: Entries, key: string, value: unknown): boolean {
  return Object.hasOwn(entries, key) && v.is(entries[key], value);
}

/** What stands in the step, as far as it is a map. */
function plainOf({ document }: Source, node: unknown): Readonly<Record<string, unknown>> {
  if (!isMap(node) && !isAlias(node)) return {};
  const plain: unknown = node.toJS(document);
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as Record<string, unknown>) : {};
}
