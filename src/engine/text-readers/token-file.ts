/** Windows of token ids that someone drew before: a safetensors file with one integer tensor `[samples, length]`. */

import { SecateurError } from '../../error.ts';
import { readSafetensorsHeader, type SafetensorsHeader, type TensorInfo } from '../../formats/safetensors.ts';
import { openByteSource } from '../files.ts';

export interface TokenRows {
  /** Int32 `[rows, length]`. */
  readonly ids: Int32Array<ArrayBuffer>;
  readonly rows: number;
  readonly length: number;
  /** Rows in the file. */
  readonly available: number;
}

/**
 * The first `rows` rows, or all there are if that is fewer.
 *
 * @param vocabSize  what every id must be below
 * @throws           `BAD_FILE` naming the tensor or the id that is no such thing
 */
export async function readTokenFile(path: string, rows: number, vocabSize: number): Promise<TokenRows> {
  await using source = await openByteSource(path);
  const header = await readSafetensorsHeader(source, path);
  const [name, tensor] = findTokens(header, path);
  const [available, length] = tensor.shape as [number, number];
  const taken = Math.min(rows, available);
  const width = tensor.dtype === 'I64' ? 8 : 4;
  const bytes = await source.read(header.dataOffset + tensor.begin, taken * length * width);
  const values = width === 8 ? new BigInt64Array(bytes.buffer) : new Int32Array(bytes.buffer);
  const ids = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const id = Number(values[i]);
    if (id < 0 || id >= vocabSize)
      throw new SecateurError(
        'BAD_FILE',
        `${path}: ${name}[${Math.floor(i / length)}, ${i % length}] is ${id}; the tokenizer's ids go from 0 to ${vocabSize - 1}`,
        'Make the file with the tokenizer of the model that is to be pruned.',
      );
    ids[i] = id;
  }
  return { ids, rows: taken, length, available };
}

function findTokens({ tensors }: SafetensorsHeader, path: string): [string, TensorInfo] {
  const candidates = [...tensors].filter(
    ([name, { dtype, shape }]) => (dtype === 'I64' || dtype === 'I32') && shape.length === 2 && !name.includes('mask'),
  );
  const found = candidates.find(([name]) => name === 'input_ids') ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (found?.[1].shape.every((size) => size > 0)) return found;
  const all = [...tensors].map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape.join(', ')}]`);
  throw new SecateurError(
    'BAD_FILE',
    `${path}: no tensor of token ids; there is ${all.slice(0, 5).join('; ') || 'none'}`,
    'Name it input_ids, int64 or int32, of shape [samples, length].',
  );
}
