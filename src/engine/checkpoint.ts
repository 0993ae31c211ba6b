/** A Hugging Face checkpoint folder, read only: its config, its tensors' places, and their values one at a time. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SecateurError } from '../error.ts';
import type { Linear, Model } from '../families/family.ts';
import { readModel } from '../families/index.ts';
import { parseShardIndex, readSafetensorsHeader, type SafetensorsHeader } from '../formats/safetensors.ts';
import { bf16ToF32, f16ToF32 } from '../tensor/half.ts';
import type { Matrix } from '../tensor/matrix.ts';
import { openByteSource } from './files.ts';
import type { WeightFiles } from './runtime.ts';

export type WeightType = 'f32' | 'f16' | 'bf16';

const weightTypes: Readonly<Record<string, WeightType>> = { F32: 'f32', F16: 'f16', BF16: 'bf16' };

const bytesPerWeight: Readonly<Record<WeightType, number>> = { f32: 4, f16: 2, bf16: 2 };

export interface TensorEntry {
  readonly name: string;
  readonly file: string;
  readonly type: WeightType;
  readonly shape: readonly number[];
  /** Of the first byte, from the beginning of the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface Checkpoint {
  readonly folder: string;
  readonly model: Model;
  /** The weight files in the order of their names, with their sizes. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** In the order of the files. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Every linear that can be pruned, block after block. */
  readonly linears: readonly Linear[];
  readonly weights: WeightFiles;
}

/** Reads config and headers, never weights; a tensor that is missing or has another shape than the config implies is `BAD_CHECKPOINT`. */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const model = readModel(readJson(join(folder, 'config.json')));
  const names = weightFileNames(folder);
  const tensors = new Map<string, TensorEntry>();
  for (const name of names) {
    await using source = await openByteSource(join(folder, name));
    addTensors(tensors, name, await readSafetensorsHeader(source, join(folder, name)));
  }
  checkTensors(folder, model, tensors);
  return {
    folder,
    model,
    files: names.map((name) => ({ name, bytes: statSync(join(folder, name)).size })),
    tensors,
    linears: Array.from({ length: model.nBlocks }, (_, block) => model.linears(block)).flat(),
    weights: weightsIn(folder, tensors),
  };
}

/** Weights of all kinds, those that are never pruned among them. */
export function countParameters({ tensors }: Pick<Checkpoint, 'tensors'>): number {
  return [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes / bytesPerWeight[tensor.type], 0);
}

/** The same tensors at the same places in another folder: what a run's target is while it is being written. */
export function weightsIn(folder: string, tensors: ReadonlyMap<string, TensorEntry>): WeightFiles {
  return {
    folder,
    place(tensor) {
      const { file, offset, type } = tensors.get(tensor)!;
      return { location: file, offset, type };
    },
  };
}

/** Config, tokenizer and whatever else belongs to the checkpoint: every plain file that holds no weights and is not ours. */
export function companions({ folder, files }: Pick<Checkpoint, 'folder' | 'files'>): { readonly name: string; readonly bytes: number }[] {
  const weights = new Set(files.map((file) => file.name));
  return readdirSync(folder)
    .filter((name) => !weights.has(name) && !/\.(safetensors|gguf|bin|pt|pth|h5|msgpack|onnx)$|\.prune\.yaml$|^secateur[-.]/.test(name))
    .flatMap((name) => {
      const stats = statSync(join(folder, name), { throwIfNoEntry: false });
      return stats?.isFile() ? [{ name, bytes: stats.size }] : [];
    });
}

/**
 * Tells one state of a checkpoint from another without reading its weights: name, size and time of every file, and the config's text.
 *
 * @returns  plain data, to be hashed as JSON
 */
export function stampCheckpoint(checkpoint: Checkpoint): readonly [files: unknown[][], config: string] {
  const stamp = ({ name }: { readonly name: string }) => {
    const { size, mtimeMs } = statSync(join(checkpoint.folder, name));
    return [name, size, mtimeMs];
  };
  return [[...checkpoint.files, ...companions(checkpoint)].map(stamp), readFileSync(join(checkpoint.folder, 'config.json'), 'utf8')];
}

/** The parsed JSON of a file that must be there. */
export function readJson(path: string, hint = 'Name the folder of a Hugging Face checkpoint.'): unknown {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new SecateurError('FILE_MISSING', `${path} is not there`, hint);
  const text = readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SecateurError('BAD_FILE', `${path} is not JSON: ${(cause as Error).message}`, undefined, { cause });
  }
}

/** One tensor of a weight file as f32 `[rows, cols]`. */
export function decodeWeights(bytes: Uint8Array, type: WeightType, rows: number, cols: number): Matrix {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  if (type === 'f32') return { rows, cols, data: new Float32Array(buffer, byteOffset, byteLength / 4) };
  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  return { rows, cols, data: type === 'bf16' ? bf16ToF32(halves) : f16ToF32(halves) };
}

function weightFileNames(folder: string): string[] {
  if (existsSync(join(folder, 'model.safetensors.index.json'))) {
    const path = join(folder, 'model.safetensors.index.json');
    const index = parseShardIndex(readFileSync(path, 'utf8'), path);
    return [...new Set(index.weightMap.values())].toSorted();
  }
  if (existsSync(join(folder, 'model.safetensors'))) return ['model.safetensors'];
  const others = readdirSync(folder).filter((name) => /\.(bin|pt|pth|gguf|safetensors)$/.test(name));
  throw new SecateurError(
    'FILE_MISSING',
    `${folder} has neither model.safetensors nor model.safetensors.index.json`,
    others.some((name) => name.endsWith('.gguf'))
      ? 'Import the GGUF file first: secateur import FILE.gguf --to DIR.'
      : others.length > 0
        ? `It has ${others.join(', ')}; convert those to safetensors.`
        : undefined,
  );
}

function addTensors(tensors: Map<string, TensorEntry>, file: string, header: SafetensorsHeader): void {
  for (const [name, { dtype, shape, begin, end }] of header.tensors) {
    if (tensors.has(name)) throw new SecateurError('BAD_CHECKPOINT', `${file}: tensor ${name} is in another shard as well`);
    const type = weightTypes[dtype];
    // Tensors no graph reads (rotary buffers, say) are copied whatever they hold; `checkTensors` sees to the others.
    if (type) tensors.set(name, { name, file, type, shape, offset: header.dataOffset + begin, bytes: end - begin });
  }
}

function checkTensors(folder: string, model: Model, tensors: ReadonlyMap<string, TensorEntry>): void {
  const known = new Set(model.tensors().map((tensor) => tensor.name));
  // A head beside tied embeddings is common, and reads the same.
  for (const { name, shape } of tensors.values())
    if (shape.length === 2 && !known.has(name) && name !== 'lm_head.weight')
      throw new SecateurError('BAD_CHECKPOINT', `${folder}: tensor ${name} has no place in the model that config.json describes`);
  for (const { name, shape } of model.tensors()) {
    const found = tensors.get(name);
    if (!found)
      throw new SecateurError(
        'BAD_CHECKPOINT',
        `${folder}: tensor ${name} is missing, or is not F32, F16 or BF16`,
        'Quantized checkpoints have to be converted first.',
      );
    if (found.shape.length !== shape.length || found.shape.some((dim, axis) => dim !== shape[axis]))
      throw new SecateurError(
        'BAD_CHECKPOINT',
        `${folder}: tensor ${name} is [${found.shape.join(', ')}], config.json implies [${shape.join(', ')}]`,
      );
  }
}
