/** A checkpoint so small that every derivative of its loss can be written down: one Llama block of 84 prunable weights. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '../../src/engine/checkpoint.ts';
import { readModel } from '../../src/families/index.ts';
import { encodeSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { buildGraph, type Graph } from '../../src/graph/ir.ts';
import { sizeOf } from '../../src/graph/shapes.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { temporaryFolder } from './runs.ts';

const config = {
  model_type: 'llama',
  hidden_act: 'silu',
  hidden_size: 4,
  intermediate_size: 3,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  num_hidden_layers: 1,
  vocab_size: 7,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: false,
};

export interface TinyModel {
  readonly source: Checkpoint;
  /** Every tensor, by name. */
  readonly parameters: Readonly<Record<string, Float32Array>>;
  /** The logits `[length, vocabulary]` of `ids`, and `loss` `[1]`, summed over the predictions. */
  graph(length: number): Graph;
}

export async function tinyModel(seed: number): Promise<TinyModel> {
  const folder = temporaryFolder();
  const random = createRandom(seed);
  const shapes = readModel(config).tensors();
  const parameters = Object.fromEntries(
    shapes.map(({ name, shape }) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => (shape.length === 1 ? 1 + 0.3 * random.gaussian() : random.gaussian())),
    ]),
  );
  const specs = new Map(shapes.map(({ name, shape }) => [name, { dtype: 'F32' as const, shape }]));
  const bytes = shapes.map(({ name }) => Buffer.from(parameters[name].buffer));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([encodeSafetensorsHeader(specs, { format: 'pt' }), ...bytes]));
  const source = await openCheckpoint(folder);
  return { source, parameters, graph: (length) => lossGraph(source, length) };
}

function lossGraph({ model }: Checkpoint, length: number): Graph {
  return buildGraph((builder) => {
    let hidden = model.embed(builder, builder.input('ids', [length], 'i64'));
    for (let block = 0; block < model.nBlocks; block++) hidden = model.block(builder, block, hidden).hidden;
    const logits = model.head(builder, hidden, 0, model.vocabSize);
    builder.output('logits', logits);
    const first = builder.op('slice', [logits], { axis: 0, from: 0, to: length - 1 });
    const picked = builder.op('pick', [first, builder.input('next', [length - 1], 'i64')], {});
    const losses = builder.op('add', [builder.op('logSumExp', [first], {}), builder.op('affine', [picked], { scale: -1, shift: 0 })], {});
    builder.output('loss', builder.op('sumTo', [losses], { shape: [1] }));
  });
}
