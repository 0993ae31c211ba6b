/** A GGUF file's header as the importer's parts take it, without a file. */

import type { GgufFile } from '../../../src/engine/import/metadata.ts';
import type { GgufTensor, GgufValue } from '../../../src/formats/gguf.ts';

export function ggufFile(
  metadata: Readonly<Record<string, GgufValue>>,
  shapes: Readonly<Record<string, readonly number[]>> = {},
): GgufFile {
  const tensors = Object.entries(shapes).map(([name, shape]): [string, GgufTensor] => [
    name,
    { type: 'F32', shape, offset: 0, sizeBytes: 0 },
  ]);
  return { label: 'm.gguf', version: 3, metadata: new Map(Object.entries(metadata)), tensors: new Map(tensors) };
}
