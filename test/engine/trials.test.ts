import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../src/engine/checkpoint.ts';
import type { Context } from '../../src/engine/context.ts';
import { evaluate } from '../../src/engine/evaluate.ts';
import { embedWindows, type Forward, runBlock } from '../../src/engine/forward.ts';
import { createHiddenStates } from '../../src/engine/hidden.ts';
import type { Windows } from '../../src/engine/texts.ts';
import { tryOut } from '../../src/engine/trials.ts';
import { buildGraph } from '../../src/graph/ir.ts';
import type { Shift, TrialRequest } from '../../src/methods/lab.ts';
import type { BlockInput } from '../../src/methods/measure.ts';
import type { Progress } from '../../src/protocol/data.ts';
import { bf16ToF32, f32ToBf16 } from '../../src/tensor/half.ts';
import type { Matrix } from '../../src/tensor/matrix.ts';
import { testContext } from '../support/context.ts';
import { sampleLab, sampleWindows } from '../support/labs.ts';
import { sample, temporaryFolder } from '../support/runs.ts';

const referenceFolder = new URL('../reference/sample', import.meta.url).pathname;

let source: Checkpoint;
let text: Windows;

beforeAll(async () => {
  source = await openCheckpoint(sample);
  text = await sampleWindows({ samples: 4, length: 64 });
});

/** Without its weights below a threshold, in the file's own dtype. */
function thinned({ rows, cols, data }: Matrix, below: number): Matrix {
  return { rows, cols, data: data.map((value) => (Math.abs(value) < below ? 0 : value)) };
}

/** One trial each: nothing, the dense weight itself, one matrix in block 2, that in block 5, both, and everything. */
function propose({ block, linears }: { block: number; linears: readonly { weight: Matrix }[] }) {
  const replace = (trial: number, linear: number, below: number) => ({ trial, linear, weight: thinned(linears[linear].weight, below) });
  return [
    replace(1, 3, 0),
    ...(block === 2 ? [replace(2, 0, 0.05), replace(4, 0, 0.05)] : []),
    ...(block === 5 ? [replace(3, 6, 0.05), replace(4, 6, 0.05)] : []),
    ...linears.map((_, linear) => replace(5, linear, 0.02)),
  ];
}

const request: TrialRequest<never> = {
  windows: 2,
  length: 48,
  spans: [
    [0, 5],
    [0, 5],
    [2, 2],
    [5, 5],
    [2, 5],
    [0, 5],
  ],
  versions: 3,
  needs: [],
  propose: async (input) => propose(input),
};

const attempt = (changes: Partial<TrialRequest<never>> = {}, context: Partial<Context> = {}) =>
  tryOut({ source, text, damping: 0.01 }, { ...request, ...changes }, testContext(context));

describe('trials', () => {
  it('find nothing at all where nothing is replaced, or a weight by itself', async () => {
    const shifts = await attempt();
    expect(shifts.slice(0, 2)).toEqual([
      { kl: 0, nll: 0 },
      { kl: 0, nll: 0 },
    ]);
    for (const { kl } of shifts.slice(2)) expect(kl).toBeGreaterThan(1e-5);
  });

  it('find what a checkpoint that is written with the replaced matrices gives, run whole', async () => {
    const shifts = await attempt();
    for (const trial of [2, 3, 4, 5]) {
      const slow = await shiftOf(await writtenWith(trial));
      expect(shifts[trial].kl).toBeCloseTo(slow.kl, 6);
      expect(shifts[trial].nll).toBeCloseTo(slow.nll, 5);
    }
  });

  it('find what PyTorch does in float64', async () => {
    const { ids, cases } = JSON.parse(readFileSync(join(referenceFolder, 'divergence.json'), 'utf8')) as {
      ids: number[][];
      cases: { matrices: string[]; below: number; kl: number; nll: number }[];
    };
    const windows = { ...text, samples: ids.length, length: ids[0].length, ids: Int32Array.from(ids.flat()) };
    const shifts = await tryOut(
      { source, text: windows, damping: 0.01 },
      {
        ...request,
        length: windows.length,
        spans: cases.map(() => [0, 5]),
        propose: async ({ linears }) =>
          cases.flatMap(({ matrices, below }, trial) =>
            linears.flatMap(({ slot, weight }, linear) =>
              matrices.includes(slot.name) ? [{ trial, linear, weight: thinned(weight, below) }] : [],
            ),
          ),
      },
      testContext(),
    );
    for (const [trial, { kl, nll }] of cases.entries()) {
      expect(Math.abs(shifts[trial].kl / kl - 1)).toBeLessThan(1e-3);
      expect(Math.abs(shifts[trial].nll - nll)).toBeLessThan(1e-4 * Math.max(1, Math.abs(nll)));
    }
  });
});

describe('the work of trials', () => {
  it('gives the same through scratch files, and leaves none behind', async () => {
    const scratchFolder = temporaryFolder();
    // Three of the six states fit into a quarter of this.
    const memoryLimitBytes = 4 * 3 * 2 * 48 * 128 * 4;
    expect(await attempt({}, { memoryLimitBytes, scratchFolder })).toEqual(await attempt());
    expect(readdirSync(scratchFolder)).toEqual([]);
  });

  it('tells every trial as soon as it is known, once', async () => {
    const told: [number, Shift][] = [];
    const shifts = await attempt({ onShift: (trial, shift) => told.push([trial, shift]) });
    expect(told.map(([trial]) => trial).toSorted()).toEqual([2, 3, 4, 5]);
    for (const [trial, shift] of told) expect(shift).toEqual(shifts[trial]);
  });

  it('is refused before it begins where there is too little memory', async () => {
    let proposed = false;
    const propose = async () => {
      proposed = true;
      return [];
    };
    const lab = await sampleLab(text, { memoryLimitBytes: 2 ** 28 });
    await expect(lab.tryOut({ ...request, propose })).rejects.toMatchObject({ code: 'MEMORY_SHORT' });
    expect(proposed).toBe(false);
  });

  it('can be stopped, and tells how far it is', async () => {
    const controller = new AbortController();
    const shares: number[] = [];
    const onProgress = ({ done }: Progress) => {
      shares.push(done);
      if (done > 0.3) controller.abort();
    };
    await expect(attempt({}, { signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThan(0.4);
  });

  it('names the matrix that makes predictions worthless', async () => {
    const propose: typeof request.propose = async ({ block, linears }) => {
      if (block !== 2) return [];
      const { weight } = linears[0];
      return [{ trial: 2, linear: 0, weight: { ...weight, data: weight.data.map(() => Number.NaN) } }];
    };
    await expect(attempt({ propose })).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringMatching(/^model\.layers\.2\.self_attn\.q_proj\.weight/),
    });
  });

  it('shows a proposal the statistics of the dense model over all windows', async () => {
    const seen: number[] = [];
    const needs = ['gram', 'windows'] as const;
    const look = async ({ linears }: BlockInput<'gram' | 'windows'>) => {
      for (const { stats } of linears) seen.push(stats.gram.data[0], stats.windows);
      return [];
    };
    await tryOut({ source, text, damping: 0.01 }, { ...request, needs, propose: look }, testContext());
    const again: number[] = [];
    const lab = await sampleLab(text);
    await lab.eachBlock(needs, async (input) => {
      for (const { stats } of input.linears) again.push(stats.gram.data[0], stats.windows);
    });
    expect(seen).toHaveLength(84);
    expect(seen).toEqual(again);
  });
});

/** A copy of the sample with what a trial replaces written into it. */
async function writtenWith(trial: number): Promise<Checkpoint> {
  const folder = join(temporaryFolder(), 'model');
  cpSync(sample, folder, { recursive: true });
  const path = join(folder, 'model.safetensors');
  const bytes = readFileSync(path);
  for (let block = 0; block < source.model.nBlocks; block++) {
    const entries = source.model.linears(block).map(({ tensor }) => source.tensors.get(tensor)!);
    const linears = entries.map(({ offset, bytes: size, shape }) => {
      const halves = new Uint16Array(bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + size));
      return { weight: { rows: shape[0], cols: shape[1], data: bf16ToF32(halves) } };
    });
    for (const { linear, weight } of propose({ block, linears }).filter((replacement) => replacement.trial === trial))
      bytes.set(new Uint8Array(f32ToBf16(weight.data).buffer), entries[linear].offset);
  }
  writeFileSync(path, bytes);
  return openCheckpoint(folder);
}

/** KL and likelihood over the passage from logits of the whole vocabulary, in f64. */
async function shiftOf(pruned: Checkpoint): Promise<Shift> {
  const windows: Windows = { ...text, samples: 2, length: 48, ids: passageIds() };
  const [before, after] = [await logitsOf(source), await logitsOf(pruned)];
  const vocab = source.model.vocabSize;
  const [p, q] = [logProbabilities(before, vocab), logProbabilities(after, vocab)];
  let kl = 0;
  for (let i = 0; i < p.length; i++) kl += Math.exp(p[i]) * (p[i] - q[i]);
  const [nllBefore, nllAfter] = [await evaluate(source, windows, testContext()), await evaluate(pruned, windows, testContext())];
  return { kl: kl / (2 * 48), nll: nllAfter.nll - nllBefore.nll };
}

function passageIds(): Int32Array<ArrayBuffer> {
  return Int32Array.from([...text.ids.subarray(0, 48), ...text.ids.subarray(64, 64 + 48)]);
}

async function logitsOf({ model, weights }: Checkpoint): Promise<Float32Array> {
  const ctx = testContext();
  const forward: Forward = { model, weights, runtime: ctx.runtime, signal: ctx.signal };
  using hidden = createHiddenStates({ windows: 2, length: 48, width: model.hiddenSize }, ctx);
  await embedWindows(forward, passageIds(), hidden);
  for (let block = 0; block < model.nBlocks; block++) await runBlock(forward, block, hidden, () => {});
  const graph = buildGraph((builder) =>
    builder.output('logits', model.head(builder, builder.input('hidden', [48, model.hiddenSize]), 0, model.vocabSize)),
  );
  await using program = await ctx.runtime.compile(graph, weights);
  const all = new Float32Array(2 * 48 * model.vocabSize);
  for (let w = 0; w < 2; w++)
    await program.run({ hidden: hidden.read(w) }, { logits: all.subarray(w * 48 * model.vocabSize, (w + 1) * 48 * model.vocabSize) });
  return all;
}

function logProbabilities(logits: Float32Array, vocab: number): Float64Array {
  const result = Float64Array.from(logits);
  for (let at = 0; at < result.length; at += vocab) {
    const row = result.subarray(at, at + vocab);
    const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
    for (let i = 0; i < vocab; i++) row[i] -= total;
  }
  return result;
}
