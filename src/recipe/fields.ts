/** Reads the recipe's schema: what may stand in one place, in data for the parser and in words for the user. */

import * as v from 'valibot';

export type Entries = Readonly<Record<string, v.GenericSchema>>;

export interface Method {
  readonly title: string;
  readonly summary: string;
  /** As on the method's card; empty where there is none. */
  readonly formula: string;
  readonly paper: string | null;
  /** The keys of a step that names it. */
  readonly entries: Entries;
}

/** What may stand in one place of a recipe. */
export type Shape =
  | { readonly kind: 'map'; readonly entries: Entries }
  /** A map whose keys depend on its `method`. */
  | { readonly kind: 'step'; readonly methods: ReadonlyMap<string, Method>; readonly fallback: string | undefined }
  /** A map with keys of the user's own. */
  | { readonly kind: 'record'; readonly key: v.GenericSchema; readonly value: v.GenericSchema }
  /** One value; or, where there is an `item`, also a list. */
  | { readonly kind: 'value'; readonly item: v.GenericSchema | undefined };

type MapSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;
type Known =
  | MapSchema
  | { readonly type: 'variant'; readonly options: readonly MapSchema[] }
  | v.RecordSchema<v.GenericSchema<string>, v.GenericSchema, undefined>
  | v.UnionSchema<v.GenericSchema[], undefined>
  | v.ArraySchema<v.GenericSchema, undefined>
  | v.OptionalSchema<v.GenericSchema, unknown>
  | v.PicklistSchema<string[], undefined>
  | v.LiteralSchema<string, undefined>
  | v.BooleanSchema<undefined>
  | v.NumberSchema<undefined>
  | v.StringSchema<undefined>;

/** A step in a schema's pipe, as far as words are made of it. */
interface Limit {
  readonly kind: string;
  readonly type: string;
  readonly requirement?: unknown;
}

export function shapeOf(schema: v.GenericSchema): Shape {
  const known = unwrap(schema);
  switch (known.type) {
    case 'strict_object':
      return { kind: 'map', entries: known.entries as Entries };
    case 'variant':
      return stepOf(known.options);
    case 'record':
      return { kind: 'record', key: known.key, value: known.value };
    case 'union':
      return { kind: 'value', item: known.options.map(unwrap).find((option) => option.type === 'array')?.item };
    default:
      return { kind: 'value', item: undefined };
  }
}

function stepOf(options: readonly MapSchema[]): Shape {
  const methods = options.map((option): [string, Method] => {
    const { formula = '', paper = null } = v.getMetadata(option) as Partial<Method>;
    const title = v.getTitle(option) ?? '';
    return [
      literalOf(option.entries.method),
      { title, summary: descriptionOf(option), formula, paper, entries: option.entries as Entries },
    ];
  });
  const fallback = options.find(({ entries }) => isOptional(entries.method as v.GenericSchema));
  return { kind: 'step', methods: new Map(methods), fallback: fallback && literalOf(fallback.entries.method) };
}

function literalOf(method: unknown): string {
  return (unwrap(method as v.GenericSchema) as v.LiteralSchema<string, undefined>).literal;
}

export function isOptional(schema: v.GenericSchema): boolean {
  return schema.type === 'optional';
}

/** The value a key has when it is left out; `undefined` where there is none, or the key is needed. */
export function defaultOf(schema: v.GenericSchema): unknown {
  return v.getDefault(schema);
}

/** What a key means, in a sentence. */
export function descriptionOf(schema: v.GenericSchema): string {
  const own = v.getDescription(schema);
  if (own !== undefined) return own;
  return isOptional(schema) ? descriptionOf((schema as v.OptionalSchema<v.GenericSchema, unknown>).wrapped) : '';
}

/** The words a value is chosen from, where they can be listed. */
export function choicesOf(schema: v.GenericSchema): readonly string[] | undefined {
  const known = unwrap(schema);
  if (known.type === 'picklist') return known.options;
  if (known.type === 'literal') return [known.literal];
  return undefined;
}

/** What a path stands for: what the run reads, or the folder it writes; `undefined` where the value is no path. */
export function placeOf(schema: v.GenericSchema): 'checkpoint' | 'text' | 'output' | undefined {
  return v.getMetadata(unwrap(schema) as v.GenericSchema).place as ReturnType<typeof placeOf>;
}

/** The least and the largest number that may stand in a place, where both are known; `undefined` for what is no number, or a whole one. */
export function rangeOf(schema: v.GenericSchema): readonly [number, number] | undefined {
  const known = unwrap(schema);
  if (known.type !== 'number') return undefined;
  const limits = pipeOf(known as v.GenericSchema);
  const requirement = (type: string) => limits.find((limit) => limit.type === type)?.requirement;
  const [min, max] = [requirement('min_value'), requirement('max_value')];
  if (limits.some(({ type }) => type === 'integer') || typeof min !== 'number' || typeof max !== 'number') return undefined;
  return [min, max];
}

/** What is allowed, to follow “is not” or “takes”: `a whole number from 1 to 64`, `obs, ria or wanda`. */
export function wordsOf(schema: v.GenericSchema): string {
  const known = unwrap(schema);
  const { words } = v.getMetadata(known as v.GenericSchema);
  if (typeof words === 'string') return words;
  const choices = choicesOf(known as v.GenericSchema);
  if (choices) return enumerate(choices);
  if (known.type === 'number') return numberWords(pipeOf(known as v.GenericSchema));
  if (known.type === 'boolean') return 'true or false';
  if (known.type === 'string') return 'text';
  return 'a map of keys and values';
}

/** `a, b or c` */
export function enumerate(words: readonly string[], conjunction: 'or' | 'and' = 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}

function numberWords(limits: readonly Limit[]): string {
  const requirement = (type: string) => limits.find((limit) => limit.type === type)?.requirement;
  const noun = limits.some(({ type }) => type === 'integer') ? 'a whole number' : 'a number';
  const min = requirement('min_value');
  const max = requirement('max_value');
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}`;
  if (min !== undefined) return `${noun}, at least ${min}`;
  if (max !== undefined) return `${noun}, at most ${max}`;
  return noun;
}

/** All steps of a schema's pipe, those of pipes it begins with included. */
function pipeOf(schema: v.GenericSchema): readonly Limit[] {
  const { pipe = [] } = schema as { readonly pipe?: readonly Limit[] };
  return pipe.flatMap((step, i) => (i === 0 ? pipeOf(step as unknown as v.GenericSchema) : [step]));
}

/** The schema inside defaults and pipes, with its pipe. */
function unwrap(schema: v.GenericSchema): Known {
  const known = schema as unknown as Known;
  return known.type === 'optional' ? unwrap(known.wrapped) : known;
}
