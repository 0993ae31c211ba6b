/** Parquet tables: one column holds the documents' texts. Row groups are read one at a time, and of them only that column. */

import * as zlib from 'node:zlib';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { SecateurError } from '../../error.ts';
import type { ByteSource } from '../../formats/byte-source.ts';
import { openByteSource } from '../files.ts';
import type { DocumentOptions, Documents } from './documents.ts';
import { maxTextBytes } from './plain.ts';

type Decompress = (bytes: Uint8Array, size: number) => Uint8Array;

/** hyparquet has SNAPPY itself; Node has ZSTD from 22.15 on. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array };
const compressors: Readonly<Record<string, Decompress>> = {
  GZIP: (bytes) => zlib.gunzipSync(bytes),
  BROTLI: (bytes) => zlib.brotliDecompressSync(bytes),
  ...(zstdDecompressSync && { ZSTD: (bytes) => zstdDecompressSync(bytes) }),
};

export async function openParquet(path: string, { field }: DocumentOptions): Promise<Documents> {
  const source = await openByteSource(path);
  try {
    const file = asyncBuffer(source);
    const metadata = await blameFile(path, parquetMetadataAsync(file));
    checkColumn(metadata, field, path);
    return {
      count: Number(metadata.num_rows),
      async read(indices) {
        const texts = new Map<number, string>();
        for (const { from, to } of rowGroups(metadata)) {
          const rows = indices.filter((i) => i >= from && i < to).sort((a, b) => a - b);
          if (rows.length === 0) continue;
          const range = { rowStart: rows[0], rowEnd: rows.at(-1)! + 1 };
          const values = await blameFile(path, parquetReadObjects({ file, metadata, columns: [field], compressors, ...range }));
          for (const i of rows) texts.set(i, asText(values[i - range.rowStart]?.[field], `${path}: row ${i + 1}`, field));
        }
        return indices.map((i) => texts.get(i)!);
      },
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

function asyncBuffer(source: ByteSource): AsyncBuffer {
  return {
    byteLength: source.size,
    slice: async (start, end = source.size) => (await source.read(start, end - start)).buffer,
  };
}

function checkColumn(metadata: FileMetaData, field: string, path: string): void {
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  if (!names.includes(field))
    throw new SecateurError('BAD_FILE', `${path}: no column "${field}"`, `Set field to one of its columns: ${names.join(', ')}.`);
  for (const { columns } of metadata.row_groups) {
    const column = columns.find(({ meta_data: data }) => data?.path_in_schema[0] === field)?.meta_data;
    if (!column) continue;
    if (column.total_uncompressed_size > maxTextBytes)
      throw new SecateurError(
        'UNSUPPORTED',
        `${path}: a row group with ${column.total_uncompressed_size} bytes of "${field}"; ${maxTextBytes} are the limit`,
        'Write the table with smaller row groups, say of 1,000 rows.',
      );
    if (column.codec !== 'UNCOMPRESSED' && column.codec !== 'SNAPPY' && !Object.hasOwn(compressors, column.codec))
      throw new SecateurError(
        'UNSUPPORTED',
        `${path}: "${field}" is compressed with ${column.codec}`,
        column.codec === 'ZSTD'
          ? 'Use Node.js 22.15 or later, or write the table with snappy.'
          : 'Write the table with snappy, gzip or zstd.',
      );
  }
}

function* rowGroups({ row_groups }: FileMetaData): Generator<{ from: number; to: number }> {
  let from = 0;
  for (const { num_rows } of row_groups) {
    const to = from + Number(num_rows);
    yield { from, to };
    from = to;
  }
}

function asText(value: unknown, where: string, field: string): string {
  if (typeof value === 'string') return value;
  throw new SecateurError(
    'BAD_FILE',
    `${where}: "${field}" is ${value === null || value === undefined ? 'null' : `a ${typeof value}`}, not a text`,
  );
}

/** What hyparquet finds wrong is wrong with the file. */
async function blameFile<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof SecateurError) throw cause;
    throw new SecateurError('BAD_FILE', `${path}: ${(cause as Error).message}`, 'The file is no parquet table, or was cut short.', {
      cause,
    });
  }
}
