/** The values of checkpoints, as plain numbers. */

import { type Checkpoint, decodeWeights } from '../../src/engine/checkpoint.ts';
import { readTensor } from '../../src/engine/target.ts';

/** One tensor, row-major, exactly as it is stored. */
export function tensorValues(checkpoint: Checkpoint, tensor: string): Float32Array {
  const entry = checkpoint.tensors.get(tensor)!;
  const size = entry.bytes / (entry.type === 'f32' ? 4 : 2);
  return decodeWeights(readTensor(checkpoint, entry), entry.type, 1, size).data;
}
