import { describe, expect, it } from 'vitest';
import { calibrate } from '../../src/engine/calibrate.ts';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import { embedWindows, runBlock } from '../../src/engine/forward.ts';
import { createHiddenStates, type HiddenStates } from '../../src/engine/hidden.ts';
import { buildGraph } from '../../src/graph/ir.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { testContext } from '../support/context.ts';

const sample = new URL('../../media/sample/', import.meta.url).pathname;
const length = 50;
const nWindows = 3;

describe('calibrate', () => {
  it('gives XᵀX of exactly what each linear reads, and passes on what the block gives', async () => {
    const { forward, hidden, reference } = await begin();
    const { model } = forward;
    const inputs = [...new Set(model.linears(2).map((linear) => linear.input))];
    const widths = new Map(model.linears(2).map((linear) => [linear.input, linear.in]));
    const values = await readInputs(forward, hidden, inputs, widths);
    const statistics = await calibrate(forward, 2, hidden, { inputs, passOn: true, onWindow: () => {} });

    for (const input of inputs) {
      const n = widths.get(input)!;
      const { gram, norms } = statistics.get(input)!;
      const x = values.get(input)!;
      for (const [i, j] of [
        [0, 0],
        [1, n - 1],
        [n - 1, 2],
        [n - 1, n - 1],
        [n >> 1, (n >> 1) + 1],
      ] as const) {
        let sum = 0;
        for (let t = 0; t < x.length / n; t++) sum += x[t * n + i] * x[t * n + j];
        expect(gram.data[i * n + j]).toBeCloseTo(sum, 1 - Math.floor(Math.log10(Math.abs(sum) * 1e-4)) - 1);
        expect(gram.data[i * n + j]).toBe(gram.data[j * n + i]);
      }
      expect(norms[3] ** 2 / gram.data[3 * n + 3]).toBeCloseTo(1, 5);
    }
    await runBlock(forward, 2, reference, () => {});
    for (let w = 0; w < nWindows; w++) expect(maxDifference(hidden.read(w), reference.read(w))).toBeLessThan(1e-5);
  });

  it('leaves the states alone when nothing is to be passed on', async () => {
    const { forward, hidden, reference } = await begin();
    await calibrate(forward, 0, hidden, { inputs: ['mlp'], passOn: false, onWindow: () => {} });
    for (let w = 0; w < nWindows; w++) expect(maxDifference(hidden.read(w), reference.read(w))).toBe(0);
  });
});

async function begin() {
  const { model, weights } = await openCheckpoint(sample);
  const ctx = testContext();
  const forward = { model, weights, runtime: ctx.runtime, signal: ctx.signal };
  const random = createRandom(7);
  const ids = Int32Array.from({ length: nWindows * length }, () => random.below(model.vocabSize));
  const create = async () => {
    const hidden = createHiddenStates({ windows: nWindows, length, width: model.hiddenSize }, ctx);
    await embedWindows(forward, ids, hidden);
    return hidden;
  };
  return { forward, hidden: await create(), reference: await create() };
}

async function readInputs(
  { model, weights, runtime }: Awaited<ReturnType<typeof begin>>['forward'],
  hidden: HiddenStates,
  inputs: readonly string[],
  widths: ReadonlyMap<string, number>,
): Promise<Map<string, Float32Array>> {
  const graph = buildGraph((builder) => {
    const block = model.block(builder, 2, builder.input('hidden', [length, model.hiddenSize]));
    for (const input of inputs) builder.output(`${input} value`, block.inputs[input]);
  });
  await using program = await runtime.compile(graph, weights);
  const all = new Map(inputs.map((input) => [input, new Float32Array(nWindows * length * widths.get(input)!)]));
  for (let w = 0; w < nWindows; w++) {
    const size = (input: string) => length * widths.get(input)!;
    await program.run(
      { hidden: hidden.read(w) },
      Object.fromEntries(inputs.map((input) => [`${input} value`, all.get(input)!.subarray(w * size(input), (w + 1) * size(input))])),
    );
  }
  return all;
}

function maxDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);
}
