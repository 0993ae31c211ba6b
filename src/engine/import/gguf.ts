/** Imports a GGUF file: writes the Hugging Face checkpoint that it was, or could have been, made from. */

import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SecateurError } from '../../error.ts';
import type { Model, TensorShape } from '../../families/family.ts';
import { type GgufArchitecture, huggingFaceTensor } from '../../families/gguf-names.ts';
import { readModel } from '../../families/index.ts';
import type { ByteSource } from '../../formats/byte-source.ts';
import { type DecodableType, dequantize, isDecodable } from '../../formats/ggml-blocks.ts';
import { type GgmlType, ggmlTypes } from '../../formats/ggml-types.ts';
import { readGgufHeader } from '../../formats/gguf.ts';
import { encodeShardIndex, tensorBytes } from '../../formats/safetensors.ts';
import { createPartial, openByteSource, syncFile } from '../files.ts';
import { configFromGguf, generationConfigFromGguf, readArchitecture } from './config.ts';
import { type GgufFile, getCount } from './metadata.ts';
import { tokenizerFromGguf } from './tokenizer.ts';
import { type PlannedTensor, shard, storedDtype, type WeightDtype, writeWeights } from './weights.ts';

export interface ImportOptions {
  readonly signal?: AbortSignal;
  /** Called with the bytes written so far, of all there will be, and the tensor they belong to. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number; readonly tensor: string }) => void;
  /** The most that one weight file may hold. */
  readonly shardBytes?: number;
}

export interface ImportResult {
  readonly folder: string;
  readonly modelType: string;
  readonly dtype: WeightDtype;
  readonly nWeights: number;
  /** Of the weight files, without their headers. */
  readonly sizeBytes: number;
  /** How many tensors the file stored as each type. */
  readonly types: Readonly<Record<string, number>>;
}

/**
 * Writes the checkpoint to `to`, which must not exist. It lies in `to` + `.partial` until it is whole; nothing of it is left if the import
 * fails or is stopped.
 *
 * @throws `FILE_MISSING`, `BAD_FILE`, `UNSUPPORTED`, `OUTPUT_EXISTS`, `BUSY`, `DISK_FULL`, `NOT_FINITE`, `CANCELLED`
 */
export async function importGguf(path: string, to: string, options: ImportOptions = {}): Promise<ImportResult> {
  await using source = await openByteSource(path);
  const label = basename(path);
  const file: GgufFile = { ...(await readGgufHeader(source, label)), label };
  refuseSplit(file);
  const architecture = readArchitecture(file);
  const dtype = mainDtype(file);
  const config = configFromGguf(file, dtype, await readRopeFactors(source, file));
  const { tokenizer, config: tokenizerConfig } = tokenizerFromGguf(file);
  const model = modelOf(config, label);
  const tensors = planTensors(file, architecture, dtype, config.head_dim);
  checkTensors(file, tensors, model.tensors());

  const total = tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  using partial = createPartial(to, total);
  const writeJson = (name: string, value: object) => writeText(join(partial.path, name), `${JSON.stringify(value, null, 2)}\n`);
  writeJson('config.json', config);
  writeJson('generation_config.json', generationConfigFromGguf(file));
  writeJson('tokenizer.json', tokenizer);
  writeJson('tokenizer_config.json', tokenizerConfig);

  let done = 0;
  const onBytes = (tensor: string, bytes: number) => {
    if (options.signal?.aborted) throw new SecateurError('CANCELLED', `the import of ${label} was stopped`);
    done += bytes;
    options.onProgress?.({ done, total, tensor });
  };
  const shards = shard(tensors, options.shardBytes ?? 5e9);
  for (const [name, part] of shards) await writeWeights(source, partial.path, name, part, onBytes);
  if (shards.size > 1) {
    const weightMap = new Map([...shards].flatMap(([name, part]) => part.map((tensor) => [tensor.name, name] as const)));
    writeText(join(partial.path, 'model.safetensors.index.json'), encodeShardIndex({ totalSize: total, weightMap }));
  }
  partial.commit();

  const types: Record<string, number> = {};
  for (const { type } of tensors) types[type] = (types[type] ?? 0) + 1;
  const nWeights = tensors.reduce((sum, { shape }) => sum + count(shape), 0);
  return { folder: to, modelType: model.modelType, dtype, nWeights, sizeBytes: total, types };
}

function refuseSplit(file: GgufFile): void {
  const parts = getCount(file, 'split.count') ?? 1;
  if (parts > 1)
    throw new SecateurError(
      'UNSUPPORTED',
      `${file.label} is one of ${parts} files of a model`,
      'Join them first: llama-gguf-split --merge.',
    );
}

/** The dtype of most weights. Vectors (norms, biases) get it whatever they are stored as: GGUF keeps them in F32 always. */
function mainDtype(file: GgufFile): WeightDtype {
  const weights: Record<WeightDtype, number> = { BF16: 0, F16: 0, F32: 0 };
  for (const [name, { type, shape }] of file.tensors)
    if (shape.length > 1) weights[storedDtype(decodable(file, name, type))] += count(shape);
  return (['BF16', 'F16', 'F32'] as const).reduce((most, dtype) => (weights[dtype] > weights[most] ? dtype : most));
}

const ropeFactors = 'rope_freqs.weight';

async function readRopeFactors(source: ByteSource, file: GgufFile): Promise<Float32Array | undefined> {
  const tensor = file.tensors.get(ropeFactors);
  return tensor && dequantize(decodable(file, ropeFactors, tensor.type), await source.read(tensor.offset, tensor.sizeBytes));
}

/** In the order in which transformers writes them. */
function planTensors(file: GgufFile, architecture: GgufArchitecture, dtype: WeightDtype, headDim: number): PlannedTensor[] {
  const planned = [...file.tensors].flatMap(([ggufName, { type: stored, shape, offset }]) => {
    if (ggufName === ropeFactors) return [];
    const known = huggingFaceTensor(architecture, ggufName);
    if (!known) throw new SecateurError('UNSUPPORTED', `${file.label}: tensor ${ggufName} has no place in a ${architecture} checkpoint`);
    const type = decodable(file, ggufName, stored);
    const isVector = shape.length === 1;
    if (known.interleaved && isVector && ggmlTypes[type].values > 1)
      throw new SecateurError('UNSUPPORTED', `${file.label}: tensor ${ggufName} is a bias stored as ${type}`);
    return [
      {
        name: known.name,
        dtype: isVector ? dtype : storedDtype(type),
        shape,
        type,
        offset,
        ...(known.interleaved && { interleavedRows: headDim }),
      },
    ];
  });
  return planned.sort((a, b) => dtypeOrder.indexOf(a.dtype) - dtypeOrder.indexOf(b.dtype) || (a.name < b.name ? -1 : 1));
}

/** The order in which the reference writer lays tensors of several dtypes. */
const dtypeOrder: readonly WeightDtype[] = ['F32', 'BF16', 'F16'];

function decodable(file: GgufFile, name: string, type: GgmlType): DecodableType {
  if (isDecodable(type)) return type;
  throw new SecateurError(
    'UNSUPPORTED',
    `${file.label}: tensor ${name} is stored as ${type}`,
    'Quantize the model as another type, or use its F16 file.',
  );
}

function modelOf(config: object, label: string): Model {
  try {
    return readModel(config);
  } catch (cause) {
    if (!(cause instanceof SecateurError)) throw cause;
    throw new SecateurError(cause.code, `${label}: read as a ${cause.message}`, cause.hint, { cause });
  }
}

function checkTensors(file: GgufFile, tensors: readonly PlannedTensor[], expected: readonly TensorShape[]): void {
  const shapes = new Map(expected.map(({ name, shape }) => [name, shape]));
  for (const { name, shape } of tensors) {
    const right = shapes.get(name);
    if (!right) throw new SecateurError('UNSUPPORTED', `${file.label}: ${name} is there, but the model its metadata describes has none`);
    if (right.join() !== shape.join())
      throw new SecateurError('BAD_FILE', `${file.label}: ${name} is [${shape.join(', ')}], the metadata imply [${right.join(', ')}]`);
    shapes.delete(name);
  }
  for (const name of shapes.keys()) throw new SecateurError('BAD_FILE', `${file.label}: ${name} is missing`);
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

function writeText(path: string, text: string): void {
  writeFileSync(path, text);
  syncFile(path);
}
