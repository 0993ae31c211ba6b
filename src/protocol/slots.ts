/** The slots of a checkpoint that a panel shows. */

import type { Slot } from '../methods/allocator.ts';
import type { CheckpointState } from './panel.ts';

/** None until the checkpoint is ready. */
export function slotsOf(checkpoint: CheckpointState): readonly Slot[] {
  if (checkpoint.state !== 'ready') return [];
  return checkpoint.inspection.matrices.map(({ name, block, kind, shape: [out, into] }) => ({ name, block, kind, out, in: into }));
}
