/** The way out of a wrong key, method or value, where one can be guessed. */

import * as v from 'valibot';
import { isScalar, type Node } from 'yaml';
import { choicesOf, type Entries, enumerate, type Method, type Shape, shapeOf } from './fields.ts';
import { nearest } from './nearest.ts';

export interface Advice {
  /** The words that could stand there, where they can be listed. */
  readonly allowed?: readonly string[];
  readonly hint?: string;
}

/**
 * @param close    the nearest of the keys there are
 * @param allowed  these
 * @param root     the schema of the whole, to see where else the key would be at home
 */
export function adviseKey(key: string, close: string | undefined, allowed: readonly string[], root: v.GenericSchema): Advice {
  if (close) return { allowed, hint: `Did you mean ${close}?` };
  const homes = homesOf(key, '', root);
  return { allowed, ...(homes.length > 0 && { hint: `${key} is a key of ${enumerate(homes, 'and')}.` }) };
}

/**
 * A method whose name is close; a step within that has a method of this name, as `solve.score` has `wanda`; or a method whose card
 * speaks of the word, as that of the solver `obs` does of SparseGPT.
 *
 * @param step  the step's name
 */
export function adviseMethod(word: unknown, step: string, methods: ReadonlyMap<string, Method>): Advice {
  const allowed = [...methods.keys()];
  if (typeof word !== 'string' || word.length < 3) return { allowed };
  const close = nearest(word, allowed);
  const within = close === undefined ? stepWithin(word, methods) : undefined;
  if (within) return { allowed, hint: `${word} is a method of ${step}.${within}.` };
  const speaksOf = ({ title, summary }: Method) => `${title} ${summary}`.toLowerCase().includes(word.toLowerCase());
  const meant = close ?? allowed.find((name) => speaksOf(methods.get(name)!));
  return { allowed, ...(meant && { hint: `Did you mean ${meant}?` }) };
}

function stepWithin(word: string, methods: ReadonlyMap<string, Method>): string | undefined {
  const keys = [...methods.values()].flatMap(({ entries }) => Object.entries(entries));
  return keys.find(([, schema]) => {
    const shape = shapeOf(schema);
    return shape.kind === 'step' && shape.methods.has(word);
  })?.[0];
}

export function adviseValue(value: unknown, schema: v.GenericSchema): Advice {
  const allowed = choicesOf(schema);
  const hint = hintForValue(value, schema, allowed);
  return { ...(allowed && { allowed }), ...(hint && { hint }) };
}

/** For one value where a map belongs: `solve: obs`. */
export function adviseMap(node: Node, step: string, shape: Shape): Advice {
  if (shape.kind !== 'step' || !isScalar(node) || typeof node.value !== 'string') return {};
  if (shape.methods.has(node.value)) return { hint: `Write { method: ${node.value} }.` };
  const { hint } = adviseMethod(node.value, step, shape.methods);
  return hint ? { hint } : {};
}

function hintForValue(value: unknown, schema: v.GenericSchema, choices: readonly string[] | undefined): string | undefined {
  if (typeof value === 'number')
    return value > 1 && isShare(schema) && v.is(schema, value / 100) ? `A share, not a percentage: write ${value / 100}.` : undefined;
  if (typeof value !== 'string') return undefined;
  const close = choices && nearest(value, choices);
  if (close) return `Did you mean ${close}?`;
  if (v.is(schema, true) && /^(yes|on|no|off)$/i.test(value)) return `Write ${/^(yes|on)$/i.test(value)}.`;
  const [, digits, percent] = /^\s*([\d.]+)\s*(%?)\s*$/.exec(value) ?? [];
  const number = Number(digits) / (percent ? 100 : 1);
  return v.is(schema, number) ? `Write ${number}.` : undefined;
}

function isShare(schema: v.GenericSchema): boolean {
  return v.is(schema, 0.5) && !v.is(schema, 1.5);
}

/** The places that have the key, in words: `solve`, `solve with method obs`. */
function homesOf(key: string, name: string, schema: v.GenericSchema): string[] {
  const shape = shapeOf(schema);
  const inner = (entries: Entries) =>
    Object.entries(entries).flatMap(([child, of]) => homesOf(key, name === '' ? child : `${name}.${child}`, of));
  if (shape.kind === 'map') return [...(Object.hasOwn(shape.entries, key) ? [name || 'the recipe itself'] : []), ...inner(shape.entries)];
  if (shape.kind !== 'step') return [];
  const methods = [...shape.methods];
  const having = methods.filter(([, { entries }]) => Object.hasOwn(entries, key));
  const own = having.length === methods.length ? [name] : having.map(([method]) => `${name} with method ${method}`);
  return [...new Set([...own, ...methods.flatMap(([, { entries }]) => inner(entries))])];
}
