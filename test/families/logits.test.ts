import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../src/engine/checkpoint.ts';
import { buildGraph } from '../../src/graph/ir.ts';
import { testContext } from '../support/context.ts';
import { readReference } from '../support/tensors.ts';

const root = new URL('../reference/families/', import.meta.url).pathname;
const { cases } = JSON.parse(readFileSync(join(root, 'index.json'), 'utf8')) as {
  cases: { name: string; family: string; length: number; oldConfig: boolean }[];
};

describe('logits equal those of transformers within 1e-4', () => {
  it.each(cases)('$name', async ({ name }) => {
    await expectLogits(join(root, name), join(root, name, 'reference.safetensors'));
  });

  it.each(cases.filter((entry) => entry.oldConfig))('$name with its config in the older spelling', async ({ name }) => {
    const folder = mkdtempSync(join(tmpdir(), 'secateur-'));
    try {
      for (const file of readdirSync(join(root, name)).filter((entry) => entry.startsWith('model')))
        copyFileSync(join(root, name, file), join(folder, file));
      copyFileSync(join(root, name, 'config.old.json'), join(folder, 'config.json'));
      await expectLogits(folder, join(root, name, 'reference.safetensors'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('logits of the sample checkpoint equal those of transformers within 1e-4', async () => {
  const media = new URL('../../media/sample', import.meta.url).pathname;
  await expectLogits(media, new URL('../reference/sample/reference.safetensors', import.meta.url).pathname);
});

const smollm2 = new URL('../../models/SmolLM2-135M-Instruct', import.meta.url).pathname;

it.skipIf(!existsSync(smollm2))('logits of SmolLM2 (npm run fetch:smollm2) equal those of transformers within 1e-4', async () => {
  await expectLogits(smollm2, new URL('../reference/smollm2/reference.safetensors', import.meta.url).pathname);
});

/** The reference may hold every n-th column only. */
async function expectLogits(folder: string, reference: string): Promise<void> {
  const { input_ids: ids, logits: expected } = await readReference(reference);
  const [sequences, length] = ids.shape;
  const checkpoint = await openCheckpoint(folder);
  const logits = await computeLogits(checkpoint, length);
  const width = expected.shape[2];
  const step = Math.ceil(checkpoint.model.vocabSize / width);
  for (let s = 0; s < sequences; s++) {
    const got = await logits(ids.values.subarray(s * length, (s + 1) * length));
    const difference = (i: number) => {
      const [t, column] = [Math.floor(i / width), i % width];
      return Math.abs(got[t * checkpoint.model.vocabSize + column * step] - expected.values[s * length * width + i]);
    };
    expect(Math.max(...Array.from({ length: length * width }, (_, i) => difference(i)))).toBeLessThan(1e-4);
  }
}

async function computeLogits({ model, weights }: Checkpoint, length: number): Promise<(ids: Float64Array) => Promise<Float32Array>> {
  const graph = buildGraph((builder) => {
    let hidden = model.embed(builder, builder.input('ids', [length], 'i64'));
    for (let block = 0; block < model.nBlocks; block++) hidden = model.block(builder, block, hidden).hidden;
    builder.output('logits', model.head(builder, hidden, 0, model.vocabSize));
  });
  const program = await testContext().runtime.compile(graph, weights);
  return async (ids) => {
    const logits = new Float32Array(length * model.vocabSize);
    await program.run({ ids: BigInt64Array.from(ids, BigInt) }, { logits });
    return logits;
  };
}
