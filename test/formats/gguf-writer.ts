/** Writes GGUF files for tests: plain and independent of the reader, able to write what is wrong. */

import { type GgmlType, ggmlTypes } from '../../src/formats/ggml-types.ts';

export const valueTypes = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  list: 9,
  u64: 10,
  i64: 11,
  f64: 12,
} as const;

type Scalar = Exclude<keyof typeof valueTypes, 'list'>;

export type Value =
  | { readonly type: Scalar; readonly value: number | bigint | boolean | string }
  | { readonly type: 'list'; readonly of: keyof typeof valueTypes; readonly items: readonly Value[] };

export interface WrittenTensor {
  readonly name: string;
  readonly type: GgmlType;
  /** Row-major. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** Where the file says it is, instead of where it is. */
  readonly offset?: bigint;
}

export interface WrittenFile {
  readonly metadata: readonly (readonly [string, Value])[];
  readonly tensors: readonly WrittenTensor[];
  readonly alignment?: number;
  readonly version?: number;
}

export function writeGguf({ metadata, tensors, alignment = 32, version = 3 }: WrittenFile): Uint8Array {
  const aligned = (length: number) => Math.ceil(length / alignment) * alignment;
  let end = 0;
  const infos = tensors.map(({ name, type, shape, data, offset }) => {
    const at = offset ?? BigInt(end);
    end = aligned(end + data.length);
    return [
      text(name),
      scalar('u32', shape.length),
      ...shape.toReversed().map((dim) => scalar('u64', dim)),
      scalar('u32', ggmlTypes[type].id),
      scalar('u64', at),
    ];
  });
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    scalar('u32', version),
    scalar('u64', tensors.length),
    scalar('u64', metadata.length),
    ...metadata.flatMap(([key, value]) => [text(key), scalar('u32', valueTypes[value.type]), encode(value)]),
    ...infos.flat(),
  ]);
  const padded = (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array(aligned(bytes.length) - bytes.length)]);
  return Buffer.concat([padded(head), ...tensors.map(({ data }, i) => (i === tensors.length - 1 ? data : padded(data)))]);
}

function encode(value: Value): Uint8Array {
  if (value.type !== 'list') return scalar(value.type, value.value);
  return Buffer.concat([scalar('u32', valueTypes[value.of]), scalar('u64', value.items.length), ...value.items.map(encode)]);
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([scalar('u64', bytes.length), bytes]);
}

function scalar(type: Scalar, value: number | bigint | boolean | string): Uint8Array {
  if (type === 'string') return text(value as string);
  const bytes = Buffer.alloc(8);
  const number = Number(value);
  const sizes = {
    u8: () => bytes.writeUInt8(number),
    i8: () => bytes.writeInt8(number),
    u16: () => bytes.writeUInt16LE(number),
    i16: () => bytes.writeInt16LE(number),
    u32: () => bytes.writeUInt32LE(number),
    i32: () => bytes.writeInt32LE(number),
    f32: () => bytes.writeFloatLE(number),
    bool: () => bytes.writeUInt8(number),
    u64: () => bytes.writeBigUInt64LE(BigInt(value)),
    i64: () => bytes.writeBigInt64LE(BigInt(value)),
    f64: () => bytes.writeDoubleLE(number),
  };
  return bytes.subarray(0, sizes[type]());
}
