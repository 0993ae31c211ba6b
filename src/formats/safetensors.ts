/** The safetensors container: reading and writing its header, and the index of a checkpoint in several files. */

import { SecateurError } from '../error.ts';
import type { ByteSource } from './byte-source.ts';

/** Bytes per element of each dtype. */
export const dtypeBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export interface TensorSpec {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

export interface TensorInfo extends TensorSpec {
  /** First byte and the byte after the last, counted from the header's `dataOffset`. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Where the first tensor's bytes start in the file. */
  readonly dataOffset: number;
}

/** The limit of the reference reader. */
const maxHeaderBytes = 100_000_000;

/**
 * Reads and checks the header: the tensors must cover the rest of the file without hole or overlap.
 *
 * @param label  what messages call the file
 * @throws       `BAD_FILE` naming file, tensor and value; `UNSUPPORTED` for a dtype beyond `dtypeBytes`
 */
export async function readSafetensorsHeader(source: ByteSource, label: string): Promise<SafetensorsHeader> {
  const { text, dataOffset } = await readHeaderText(source, label);
  const json = parseObject(text, label, 'header');
  refuseDuplicates(text, json, label);
  const { __metadata__: metadata = {}, ...entries } = json;
  const infos = Object.entries(entries).map(([name, entry]) => [name, readEntry(entry, `${label}: tensor ${show(name)}`)] as const);
  infos.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  refuseGaps(infos, source.size - dataOffset, label);
  return { metadata: stringRecord(metadata, `${label}: __metadata__`), tensors: new Map(infos), dataOffset };
}

/** The bytes one tensor takes in a file. */
export function tensorBytes({ dtype, shape }: TensorSpec): number {
  return shape.reduce((product, dim) => product * dim, dtypeBytes[dtype]);
}

/** Everything of a file that comes before the tensors' bytes, which must follow in the order of `tensors` without gaps. */
export function encodeSafetensorsHeader(
  tensors: ReadonlyMap<string, TensorSpec>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const entries = [...tensors].map(([name, { dtype, shape }]) => {
    const begin = end;
    end += tensorBytes({ dtype, shape });
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([['__metadata__', metadata], ...entries])));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

/** Which file of a checkpoint in several files holds which tensor. */
export interface ShardIndex {
  /** Sum of the tensors' bytes, where the index says it. */
  readonly totalSize?: number;
  readonly weightMap: ReadonlyMap<string, string>;
}

/** Reads the text of `model.safetensors.index.json`; file names must be plain, so that none leads out of the checkpoint's folder. */
export function parseShardIndex(text: string, label: string): ShardIndex {
  const { weight_map, metadata } = parseObject(text, label, 'index');
  const entries = Object.entries(stringRecord(weight_map, `${label}: weight_map`));
  if (entries.length === 0) throw new SecateurError('BAD_FILE', `${label}: weight_map names no tensor`);
  for (const [name, file] of entries)
    if (!/^[^/\\:]+$/.test(file) || file === '.' || file === '..')
      throw new SecateurError('BAD_FILE', `${label}: tensor ${show(name)} lies in ${show(file)}, which is no plain file name`);
  const totalSize = isObject(metadata) ? metadata.total_size : undefined;
  return { weightMap: new Map(entries), ...(isCount(totalSize) && { totalSize }) };
}

/** The text of `model.safetensors.index.json`, as transformers writes it: tensors sorted by name. */
export function encodeShardIndex(index: Required<ShardIndex>): string {
  const sorted = [...index.weightMap].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ metadata: { total_size: index.totalSize }, weight_map: Object.fromEntries(sorted) }, null, 2)}\n`;
}

async function readHeaderText(source: ByteSource, label: string): Promise<{ text: string; dataOffset: number }> {
  if (source.size < 8) throw new SecateurError('BAD_FILE', `${label}: ${source.size} bytes are too few for a safetensors file`);
  const length = new DataView((await source.read(0, 8)).buffer).getBigUint64(0, true);
  const limit = Math.min(maxHeaderBytes, source.size - 8);
  if (length > limit)
    throw new SecateurError(
      'BAD_FILE',
      `${label}: a header of ${length} bytes is more than the ${limit} there may be`,
      'The file is no safetensors file, or was cut short: fetch it again.',
    );
  const bytes = await source.read(8, Number(length));
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), dataOffset: 8 + bytes.length };
  } catch (cause) {
    throw new SecateurError('BAD_FILE', `${label}: the header is not UTF-8`, undefined, { cause });
  }
}

function parseObject(text: string, label: string, what: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    if (text.startsWith('{') && isObject(json)) return json;
  } catch (cause) {
    throw new SecateurError('BAD_FILE', `${label}: the ${what} is not JSON`, undefined, { cause });
  }
  throw new SecateurError('BAD_FILE', `${label}: the ${what} is not a JSON object`);
}

/** `JSON.parse` keeps the last of two equal keys in silence, so the keys are read once more from the text itself. */
function refuseDuplicates(text: string, json: Record<string, unknown>, label: string): void {
  const names = new Set<string>();
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === '"') {
      const start = i;
      i = stringEnd(text, start);
      if (depth !== 1) continue;
      const name: string = JSON.parse(text.slice(start, i + 1));
      // A string that is a value on this depth is no key; that it stands there is for `readEntry` to refuse.
      if (names.has(name) && Object.hasOwn(json, name))
        throw new SecateurError('BAD_FILE', `${label}: tensor ${show(name)} is there twice`);
      names.add(name);
    }
  }
}

/** Index of the quote that ends the string whose first quote is at `start` of a valid JSON text. */
function stringEnd(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end;
}

function readEntry(entry: unknown, where: string): TensorInfo {
  if (!isObject(entry)) throw new SecateurError('BAD_FILE', `${where}: ${show(entry)} is no description of a tensor`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string') throw new SecateurError('BAD_FILE', `${where}: dtype is ${show(dtype)}`);
  if (!isDtype(dtype))
    throw new SecateurError('UNSUPPORTED', `${where}: dtype ${show(dtype)}`, `Known: ${Object.keys(dtypeBytes).join(', ')}.`);
  if (!isCounts(shape)) throw new SecateurError('BAD_FILE', `${where}: shape is ${show(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) throw new SecateurError('BAD_FILE', `${where}: data_offsets are ${show(offsets)}`);
  const [begin, end] = offsets as [number, number];
  if (begin > end) throw new SecateurError('BAD_FILE', `${where}: data_offsets ${begin} to ${end} run backwards`);
  const needed = tensorBytes({ dtype, shape });
  // A product beyond 2^53 is rounded and may run into infinity; no file is that long, so it is refused here like any other mismatch.
  if (needed !== end - begin)
    throw new SecateurError('BAD_FILE', `${where}: ${dtype} [${shape.join(', ')}] takes ${needed} bytes, data_offsets give ${end - begin}`);
  return { dtype, shape, begin, end };
}

function refuseGaps(infos: readonly (readonly [string, TensorInfo])[], dataBytes: number, label: string): void {
  let at = 0;
  for (const [name, { begin, end }] of infos) {
    if (begin !== at) {
      const fault = begin > at ? `leaves a hole after byte ${at}` : `overlaps the tensor before it, which ends at byte ${at}`;
      throw new SecateurError('BAD_FILE', `${label}: tensor ${show(name)} at byte ${begin} ${fault}`);
    }
    at = end;
  }
  if (at !== dataBytes)
    throw new SecateurError(
      'BAD_FILE',
      `${label}: the tensors take ${at} bytes, the file has ${dataBytes}`,
      at > dataBytes ? 'The file was cut short: fetch it again.' : undefined,
    );
}

function stringRecord(value: unknown, where: string): Record<string, string> {
  if (!isObject(value)) throw new SecateurError('BAD_FILE', `${where}: is ${show(value)}, not an object`);
  for (const [key, item] of Object.entries(value))
    if (typeof item !== 'string') throw new SecateurError('BAD_FILE', `${where}: ${show(key)} is ${show(item)}, not a text`);
  return value as Record<string, string>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(text: string): text is Dtype {
  return Object.hasOwn(dtypeBytes, text);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

/** A value for a message: whole where it is short, since a hostile file may nest or repeat it without end. */
function show(value: unknown): string {
  if (Array.isArray(value) && (value.length > 8 || value.some((item) => typeof item === 'object'))) return `a list of ${value.length}`;
  if (isObject(value)) return 'an object';
  if (typeof value === 'string' && value.length > 100) return `${JSON.stringify(value.slice(0, 100))}…`;
  return JSON.stringify(value) ?? 'missing';
}
