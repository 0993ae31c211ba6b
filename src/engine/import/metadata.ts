/** Typed access to the metadata of a GGUF file that is being imported. */

import { SecateurError } from '../../error.ts';
import type { GgufHeader, GgufValue } from '../../formats/gguf.ts';

/** A GGUF file's header, and what messages call the file. */
export interface GgufFile extends GgufHeader {
  readonly label: string;
}

/** The getters give `undefined` for a key that is not there and throw `BAD_FILE` for one of another type. */
export function getText(file: GgufFile, key: string): string | undefined {
  return get(file, key, 'a text', (value) => typeof value === 'string');
}

export function getNumber(file: GgufFile, key: string): number | undefined {
  return get(file, key, 'a finite number', (value): value is number => Number.isFinite(value));
}

export function getCount(file: GgufFile, key: string): number | undefined {
  return get(file, key, 'a whole number', (value): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0);
}

export function getFlag(file: GgufFile, key: string): boolean | undefined {
  return get(file, key, 'true or false', (value) => typeof value === 'boolean');
}

export function getTexts(file: GgufFile, key: string): readonly string[] | undefined {
  return get(
    file,
    key,
    'a list of texts',
    (value): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  );
}

export type Numbers = Extract<GgufValue, ArrayBufferView & ArrayLike<number>>;

export function getNumbers(file: GgufFile, key: string): Numbers | undefined {
  return get(
    file,
    key,
    'a list of numbers',
    (value): value is Numbers => ArrayBuffer.isView(value) && !(value instanceof BigInt64Array || value instanceof BigUint64Array),
  );
}

/** What a getter found, or `BAD_FILE`. */
export function need<T>(file: GgufFile, key: string, getter: (file: GgufFile, key: string) => T | undefined): T {
  const value = getter(file, key);
  if (value === undefined) throw new SecateurError('BAD_FILE', `${file.label}: ${key} is missing`);
  return value;
}

/** A decimal number as it was before it was stored as f32: the shortest that rounds to the same. */
export function asDecimal(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === Math.fround(value)) return decimal;
  }
  return value;
}

function get<T extends GgufValue>(file: GgufFile, key: string, kind: string, fits: (value: GgufValue) => value is T): T | undefined {
  const value = file.metadata.get(key);
  if (value === undefined || fits(value)) return value;
  throw new SecateurError('BAD_FILE', `${file.label}: ${key} is ${typeof value === 'object' ? 'a list' : value}, not ${kind}`);
}
