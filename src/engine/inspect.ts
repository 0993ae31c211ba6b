/** What a checkpoint is, told from its config and headers. */

import type { Inspection } from '../protocol/data.ts';
import { type Checkpoint, countParameters } from './checkpoint.ts';

export function inspect(checkpoint: Checkpoint): Inspection {
  const { folder, model, tensors, linears, files } = checkpoint;
  const dtypes: Record<string, number> = {};
  for (const { type } of tensors.values()) dtypes[type] = (dtypes[type] ?? 0) + 1;
  return {
    folder,
    modelType: model.modelType,
    blocks: model.nBlocks,
    hiddenSize: model.hiddenSize,
    vocabSize: model.vocabSize,
    maxLength: model.maxLength,
    parameters: countParameters(checkpoint),
    prunable: linears.reduce((sum, linear) => sum + linear.out * linear.in, 0),
    dtypes,
    files,
    matrices: linears.map(({ tensor, block, kind, out, in: width }) => ({
      name: tensor,
      block,
      kind,
      shape: [out, width],
      dtype: tensors.get(tensor)!.type,
    })),
  };
}
