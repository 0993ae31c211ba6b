/** The GGUF container, versions 2 and 3: reads metadata and the places of the tensors. */

import { SecateurError } from '../error.ts';
import type { ByteSource } from './byte-source.ts';
import { type GgmlType, ggmlTypeById, ggmlTypes } from './ggml-types.ts';

/** A list of numbers is a typed array, one of booleans a `Uint8Array`; a 64-bit integer is a bigint only beyond 2^53. */
export type GgufValue = number | bigint | boolean | string | NumberList | readonly string[] | readonly GgufValue[];

type NumberList =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | BigUint64Array
  | BigInt64Array
  | Float64Array;

export interface GgufTensor {
  readonly type: GgmlType;
  /** Row-major, the contiguous axis last: `[out, in]` for a linear's weight. */
  readonly shape: readonly number[];
  /** First byte in the file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** By name, in the order of the file's list. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/**
 * Reads and checks everything before the tensors' bytes. No length in the file is believed before the file is known to be that long.
 *
 * @param label  what messages call the file
 * @throws       `BAD_FILE` naming file, key or tensor, and value; `UNSUPPORTED` for another version or an unknown tensor type
 */
export async function readGgufHeader(source: ByteSource, label: string): Promise<GgufHeader> {
  const cursor = createCursor(source, label);
  const version = await readVersion(cursor);
  const nTensors = await cursor.u64('the number of tensors');
  const nPairs = await cursor.u64('the number of metadata entries');

  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < nPairs; i++) {
    const key = await cursor.text(`key ${i}`);
    if (metadata.has(key)) throw cursor.fault(`key ${show(key)} is there twice`);
    metadata.set(key, await readValue(cursor, await cursor.u32(show(key)), key, 0));
  }
  const alignment = readAlignment(metadata, cursor);

  const tensors = new Map<string, GgufTensor>();
  for (let i = 0; i < nTensors; i++) {
    const name = await cursor.text(`the name of tensor ${i}`);
    if (tensors.has(name)) throw cursor.fault(`tensor ${show(name)} is there twice`);
    tensors.set(name, await readTensor(cursor, name, alignment));
  }
  const dataOffset = Math.ceil(cursor.at() / alignment) * alignment;
  const placed = [...tensors].map(([name, tensor]) => [name, { ...tensor, offset: dataOffset + tensor.offset }] as const);
  refuseOverlap(placed, source.size, cursor);
  return { version, metadata, tensors: new Map(placed) };
}

/** Reads forwards through a window of the source, and turns what the file does wrong into errors. */
interface Cursor {
  readonly label: string;
  at(): number;
  /** The next bytes; `what` they are is for the message if the file ends before them. */
  take(length: number, what: string): Promise<DataView<ArrayBuffer>>;
  u32(what: string): Promise<number>;
  u64(what: string): Promise<number>;
  text(what: string): Promise<string>;
  fault(message: string, hint?: string): SecateurError;
}

const windowBytes = 1 << 20;

function createCursor(source: ByteSource, label: string): Cursor {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let window = new Uint8Array(0);
  let start = 0;
  let at = 0;
  const fault = (message: string, hint?: string) => new SecateurError('BAD_FILE', `${label}: ${message}`, hint);

  async function take(length: number, what: string): Promise<DataView<ArrayBuffer>> {
    if (length > source.size - at)
      throw fault(
        `${what} takes ${length} bytes at byte ${at}, the file has ${source.size}`,
        'The file is no GGUF file, or was cut short: fetch it again.',
      );
    if (at + length > start + window.length) {
      window = await source.read(at, Math.min(source.size - at, Math.max(length, windowBytes)));
      start = at;
    }
    const view = new DataView(window.buffer, at - start, length);
    at += length;
    return view;
  }

  async function u64(what: string): Promise<number> {
    const number = (await take(8, what)).getBigUint64(0, true);
    if (number > Number.MAX_SAFE_INTEGER) throw fault(`${what} is ${number}`);
    return Number(number);
  }

  return {
    label,
    at: () => at,
    take,
    u64,
    fault,
    u32: async (what) => (await take(4, what)).getUint32(0, true),
    async text(what) {
      const { buffer, byteOffset, byteLength } = await take(await u64(`the length of ${what}`), what);
      try {
        return utf8.decode(new Uint8Array(buffer, byteOffset, byteLength));
      } catch {
        throw fault(`${what} is not UTF-8`);
      }
    },
  };
}

async function readVersion(cursor: Cursor): Promise<number> {
  const start = await cursor.take(8, 'the magic');
  if (start.getUint32(0) !== 0x47475546) throw cursor.fault('does not start with "GGUF"');
  const version = start.getUint32(4, true);
  if (version === 2 || version === 3) return version;
  if ((version & 0xffff) === 0) throw cursor.fault('is big-endian', 'Convert it with gguf_convert_endian.py.');
  throw new SecateurError('UNSUPPORTED', `${cursor.label}: GGUF version ${version}`, 'Versions 2 and 3 are read; convert the file anew.');
}

/** How many bytes a value takes and how it is read, alone and in a list. */
interface Scalar {
  readonly bytes: number;
  readonly read: (view: DataView) => GgufValue;
  readonly list: (bytes: ArrayBuffer) => NumberList;
}

const scalars: Readonly<Record<number, Scalar>> = {
  0: { bytes: 1, read: (view) => view.getUint8(0), list: (bytes) => new Uint8Array(bytes) },
  1: { bytes: 1, read: (view) => view.getInt8(0), list: (bytes) => new Int8Array(bytes) },
  2: { bytes: 2, read: (view) => view.getUint16(0, true), list: (bytes) => new Uint16Array(bytes) },
  3: { bytes: 2, read: (view) => view.getInt16(0, true), list: (bytes) => new Int16Array(bytes) },
  4: { bytes: 4, read: (view) => view.getUint32(0, true), list: (bytes) => new Uint32Array(bytes) },
  5: { bytes: 4, read: (view) => view.getInt32(0, true), list: (bytes) => new Int32Array(bytes) },
  6: { bytes: 4, read: (view) => view.getFloat32(0, true), list: (bytes) => new Float32Array(bytes) },
  7: { bytes: 1, read: (view) => view.getUint8(0) !== 0, list: (bytes) => new Uint8Array(bytes) },
  10: { bytes: 8, read: (view) => narrow(view.getBigUint64(0, true)), list: (bytes) => new BigUint64Array(bytes) },
  11: { bytes: 8, read: (view) => narrow(view.getBigInt64(0, true)), list: (bytes) => new BigInt64Array(bytes) },
  12: { bytes: 8, read: (view) => view.getFloat64(0, true), list: (bytes) => new Float64Array(bytes) },
};

const stringType = 8;
const listType = 9;
/** Lists in lists are allowed, but no writer nests them; the limit keeps a hostile file from exhausting the stack. */
const maxDepth = 8;

async function readValue(cursor: Cursor, type: number, key: string, depth: number): Promise<GgufValue> {
  const what = show(key);
  if (type === stringType) return cursor.text(what);
  if (type === listType) return readList(cursor, key, depth);
  const { bytes, read } = scalarOf(type, cursor, what);
  return read(await cursor.take(bytes, what));
}

async function readList(cursor: Cursor, key: string, depth: number): Promise<GgufValue> {
  const what = show(key);
  if (depth === maxDepth) throw cursor.fault(`${what} nests lists more than ${maxDepth} deep`);
  const type = await cursor.u32(what);
  const length = await cursor.u64(`the length of ${what}`);
  if (type !== stringType && type !== listType) {
    const { bytes, list } = scalarOf(type, cursor, what);
    const { buffer, byteOffset, byteLength } = await cursor.take(length * bytes, what);
    return list(buffer.slice(byteOffset, byteOffset + byteLength));
  }
  const items: GgufValue[] = [];
  for (let i = 0; i < length; i++) items.push(await readValue(cursor, type, key, depth + 1));
  return items;
}

function scalarOf(type: number, cursor: Cursor, what: string): Scalar {
  const scalar = scalars[type];
  if (!scalar) throw cursor.fault(`${what} has the unknown value type ${type}`);
  return scalar;
}

function narrow(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function readAlignment(metadata: ReadonlyMap<string, GgufValue>, cursor: Cursor): number {
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment === 'number' && alignment >= 1 && Number.isInteger(Math.log2(alignment))) return alignment;
  throw cursor.fault(`general.alignment is ${show(alignment)}, not a power of two`);
}

async function readTensor(cursor: Cursor, name: string, alignment: number): Promise<GgufTensor> {
  const what = `tensor ${show(name)}`;
  const nDims = await cursor.u32(what);
  if (nDims > 4) throw cursor.fault(`${what} has ${nDims} dimensions, 4 are the most`);
  const shape: number[] = [];
  for (let i = 0; i < nDims; i++) shape.unshift(await cursor.u64(`a dimension of ${what}`));
  const typeId = await cursor.u32(what);
  const offset = await cursor.u64(`the offset of ${what}`);
  const type = ggmlTypeById.get(typeId);
  if (!type) throw new SecateurError('UNSUPPORTED', `${cursor.label}: ${what} has the unknown type ${typeId}`);
  if (offset % alignment !== 0) throw cursor.fault(`${what} starts at byte ${offset} of the data, not a multiple of ${alignment}`);
  const { values, bytes } = ggmlTypes[type];
  const row = shape.at(-1) ?? 1;
  if (row % values !== 0) throw cursor.fault(`${what} has rows of ${row} values, ${type} packs ${values} at a time`);
  return { type, shape, offset, sizeBytes: shape.reduce((product, dim) => product * dim, bytes / values) };
}

function refuseOverlap(tensors: readonly (readonly [string, GgufTensor])[], size: number, cursor: Cursor): void {
  let end = 0;
  for (const [name, { offset, sizeBytes }] of [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.sizeBytes - b.sizeBytes)) {
    if (offset < end) throw cursor.fault(`tensor ${show(name)} at byte ${offset} overlaps the tensor before it, which ends at byte ${end}`);
    end = offset + sizeBytes;
    if (!(end <= size))
      throw cursor.fault(
        `tensor ${show(name)} takes ${sizeBytes} bytes at byte ${offset}, the file has ${size}`,
        'The file was cut short: fetch it again.',
      );
  }
}

/** A value for a message: whole where it is short, since a hostile file may make it long. */
function show(value: GgufValue): string {
  const text = typeof value === 'object' ? 'a list' : typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
