/** Reads a weight file once, start to end: its hash, the zeros in each tensor that is asked about, and a copy if one is wanted. */

import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { SecateurError } from '../error.ts';
import type { StepName } from '../protocol/data.ts';
import type { FileDigest } from '../protocol/report.ts';
import type { TensorEntry } from './checkpoint.ts';
import { type Context, throwIfCancelled } from './context.ts';

export interface DigestOptions {
  /** Tensors whose zeros are counted and whose weights must be finite; those of other files are passed over. */
  readonly tensors: readonly TensorEntry[];
  /** A folder that receives a copy under the same name. */
  readonly copyTo?: string;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

export interface Digest extends FileDigest {
  /** Zeros (of either sign) by tensor. */
  readonly zeros: ReadonlyMap<string, number>;
}

/** Every weight file of a folder, with progress over all of them. */
export async function digestFiles(
  folder: string,
  files: readonly { readonly name: string; readonly bytes: number }[],
  { step, ...options }: Pick<DigestOptions, 'tensors' | 'copyTo'> & { readonly step: StepName },
  { signal, onProgress }: Pick<Context, 'signal' | 'onProgress'>,
): Promise<Digest[]> {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const digests: Digest[] = [];
  let done = 0;
  for (const { name } of files) {
    const onBytes = (bytes: number) => {
      done += bytes;
      onProgress({ step, done, total, unit: 'bytes', detail: name });
    };
    digests.push(await digestFile(folder, name, { ...options, signal, onBytes }));
  }
  return digests;
}

const chunkBytes = 8 * 2 ** 20;

export async function digestFile(folder: string, name: string, options: DigestOptions): Promise<Digest> {
  await using source = await open(join(folder, name), 'r');
  await using copy = options.copyTo ? await open(join(options.copyTo, name), 'w') : undefined;
  const bytes = (await source.stat()).size;
  const tensors = options.tensors.filter((tensor) => tensor.file === name).toSorted((a, b) => a.offset - b.offset);
  const zeros = new Map(tensors.map((tensor) => [tensor.name, 0]));
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(Math.min(chunkBytes, bytes));
  for (const { from, to, tensor } of segments(tensors, bytes)) {
    throwIfCancelled(options.signal);
    const chunk = await readFully(source, buffer.subarray(0, to - from), from);
    hash.update(chunk);
    if (copy) await writeFully(copy, chunk, from);
    if (tensor) zeros.set(tensor.name, zeros.get(tensor.name)! + countZeros(chunk, tensor));
    options.onBytes(chunk.length);
  }
  await copy?.sync();
  return { name, bytes, sha256: hash.digest('hex'), zeros };
}

/** The file in pieces of at most one chunk, none of which straddles the edge of a tensor that is counted. */
function* segments(tensors: readonly TensorEntry[], bytes: number): Generator<{ from: number; to: number; tensor?: TensorEntry }> {
  let at = 0;
  for (const tensor of tensors) {
    for (; at < tensor.offset; at = Math.min(at + chunkBytes, tensor.offset))
      yield { from: at, to: Math.min(at + chunkBytes, tensor.offset) };
    const end = tensor.offset + tensor.bytes;
    for (; at < end; at = Math.min(at + chunkBytes, end)) yield { from: at, to: Math.min(at + chunkBytes, end), tensor };
  }
  for (; at < bytes; at = Math.min(at + chunkBytes, bytes)) yield { from: at, to: Math.min(at + chunkBytes, bytes) };
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
  return into;
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

/** Zeros of either sign; a NaN or an infinity anywhere in a weight makes every figure after it worthless, so it is refused here. */
function countZeros(chunk: Buffer, { type, name }: TensorEntry): number {
  // The chunk starts at the buffer's own first byte, so it can be seen as numbers whatever the tensor's offset in the file.
  let zeros = 0;
  let nBad = 0;
  if (type === 'f32') {
    const values = new Float32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4);
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0) zeros++;
      if (!Number.isFinite(values[i])) nBad++;
    }
  } else {
    const codes = new Uint16Array(chunk.buffer, chunk.byteOffset, chunk.length / 2);
    const infinity = type === 'bf16' ? 0x7f80 : 0x7c00;
    for (let i = 0; i < codes.length; i++) {
      const magnitude = codes[i] & 0x7fff;
      if (magnitude === 0) zeros++;
      if (magnitude >= infinity) nBad++;
    }
  }
  if (nBad > 0)
    throw new SecateurError('NOT_FINITE', `${name} holds ${nBad} NaN or infinite weights`, 'The checkpoint is damaged; get it anew.');
  return zeros;
}
