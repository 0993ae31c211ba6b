/** The tensors of a GGUF file as the safetensors files of a checkpoint, a few rows at a time. */

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { SecateurError } from '../../error.ts';
import type { ByteSource } from '../../formats/byte-source.ts';
import { type DecodableType, dequantize } from '../../formats/ggml-blocks.ts';
import { ggmlTypes } from '../../formats/ggml-types.ts';
import { encodeSafetensorsHeader, tensorBytes } from '../../formats/safetensors.ts';
import { f32ToBf16, f32ToF16 } from '../../tensor/half.ts';

export type WeightDtype = 'F32' | 'F16' | 'BF16';

export interface PlannedTensor {
  /** In the checkpoint. */
  readonly name: string;
  readonly dtype: WeightDtype;
  readonly shape: readonly number[];
  /** Where and how the GGUF file has it. */
  readonly type: DecodableType;
  readonly offset: number;
  /** Rows of a head, d, where stored row 2i + s of each head is row s·d/2 + i. */
  readonly interleavedRows?: number;
}

/** What one tensor is stored as: floats as they are, quantized blocks as BF16. */
export function storedDtype(type: DecodableType): WeightDtype {
  return type === 'F32' || type === 'F16' ? type : 'BF16';
}

/** Writes one safetensors file and returns once it is on disk. `onBytes` is called with every piece's length; it may throw to stop. */
export async function writeWeights(
  source: ByteSource,
  folder: string,
  name: string,
  tensors: readonly PlannedTensor[],
  onBytes: (tensor: string, bytes: number) => void,
): Promise<void> {
  await using file = await open(join(folder, name), 'wx');
  await file.writeFile(encodeSafetensorsHeader(new Map(tensors.map((tensor) => [tensor.name, tensor])), { format: 'pt' }));
  for (const tensor of tensors) {
    for await (const bytes of convert(source, tensor)) {
      onBytes(tensor.name, bytes.length);
      await file.writeFile(bytes);
    }
  }
  await file.sync();
}

/** How much of a tensor is in memory at a time, as f32. */
const pieceBytes = 8 * 2 ** 20;

async function* convert(source: ByteSource, tensor: PlannedTensor): AsyncGenerator<Uint8Array> {
  const { type, dtype, shape, offset, interleavedRows: group = 1 } = tensor;
  const { values, bytes } = ggmlTypes[type];
  // A bias of heads is shuffled like a matrix of one column.
  const rowValues = shape.length === 1 && group > 1 ? 1 : shape.at(-1)!;
  const nRows = shape.reduce((product, dim) => product * dim, 1) / rowValues;
  const rowBytes = (rowValues / values) * bytes;
  const step = Math.max(1, Math.floor(pieceBytes / (4 * rowValues * group))) * group;
  for (let row = 0; row < nRows; row += step) {
    const n = Math.min(step, nRows - row);
    const stored = await source.read(offset + row * rowBytes, n * rowBytes);
    const written = type === dtype ? stored : encode(dequantize(type, stored), tensor);
    yield group === 1 ? written : unshuffle(written, group, written.length / n);
  }
}

function encode(values: Float32Array, { name, dtype }: PlannedTensor): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const codes = dtype === 'BF16' ? f32ToBf16(values) : f32ToF16(values);
  const at = dtype === 'F16' ? values.findIndex((value, i) => (codes[i] & 0x7fff) === 0x7c00 && Number.isFinite(value)) : -1;
  if (at >= 0) throw new SecateurError('NOT_FINITE', `${name}: ${values[at]} is more than F16 can hold, 65504`);
  return new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
}

/** Row 2i + s of every `group` rows goes to s·group/2 + i. */
function unshuffle(rows: Uint8Array, group: number, rowBytes: number): Uint8Array {
  const out = new Uint8Array(rows.length);
  for (let row = 0; row < rows.length / rowBytes; row++) {
    const inGroup = row % group;
    const to = row - inGroup + (inGroup % 2) * (group / 2) + Math.floor(inGroup / 2);
    out.set(rows.subarray(row * rowBytes, (row + 1) * rowBytes), to * rowBytes);
  }
  return out;
}

/** Tensors by file: as few as there can be of at most `limitBytes` each, in order; a larger tensor has one of its own. */
export function shard(tensors: readonly PlannedTensor[], limitBytes: number): ReadonlyMap<string, readonly PlannedTensor[]> {
  const shards: PlannedTensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor);
    if (bytes > room) {
      shards.push([]);
      room = limitBytes;
    }
    shards.at(-1)!.push(tensor);
    room -= bytes;
  }
  if (shards.length === 1) return new Map([['model.safetensors', shards[0]]]);
  const number = (n: number) => `${n}`.padStart(5, '0');
  return new Map(shards.map((part, i) => [`model-${number(i + 1)}-of-${number(shards.length)}.safetensors`, part]));
}
