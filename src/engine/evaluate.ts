/** Perplexity of a checkpoint on windows of text: every window cold, the head taken a slice of the vocabulary at a time. */

import { SecateurError } from '../error.ts';
import type { Model } from '../families/family.ts';
import { buildGraph } from '../graph/ir.ts';
import type { Perplexity } from '../protocol/report.ts';
import { type Context, throwIfCancelled } from './context.ts';
import { embedWindows, type Forward, runBlock } from './forward.ts';
import { logAddExp, type VocabularySlice, vocabularySlices, writeHeadSlice } from './head.ts';
import { createHiddenStates, type HiddenStates } from './hidden.ts';
import type { WeightFiles } from './runtime.ts';
import type { Windows } from './texts.ts';

/** How perplexity is taken, for whoever compares figures. */
export const protocol =
  'The whole text is tokenised once with the tokenizer’s default special tokens and cut into windows that do not overlap; ' +
  'the tail is dropped. Each window starts cold and predicts its length - 1 later tokens; perplexity = exp(mean nats per prediction), float32.';

export interface EvaluateProgress {
  /** Window-blocks done, of `total`: every window passes every block and every slice of the head. */
  readonly done: number;
  readonly total: number;
  readonly detail: string;
}

/**
 * exp of the mean negative log likelihood over all windows.
 *
 * @param windows  token ids `[windows, length]`
 * @throws         `NOT_FINITE` naming the window whose likelihood is not a number; `CANCELLED`
 * @see            the WikiText protocol of SparseGPT and Wanda: mean over windows of equal length equals mean over tokens
 */
export async function evaluate(
  { model, weights }: { readonly model: Model; readonly weights: WeightFiles },
  windows: Windows,
  ctx: Context,
  onProgress: (progress: EvaluateProgress) => void = () => {},
): Promise<Perplexity> {
  const forward: Forward = { model, weights, runtime: ctx.runtime, signal: ctx.signal };
  const slices = vocabularySlices(model.vocabSize, windows.length);
  const total = (model.nBlocks + slices.length) * windows.samples;
  using hidden = createHiddenStates({ windows: windows.samples, length: windows.length, width: model.hiddenSize }, ctx);
  await embedWindows(forward, windows.ids, hidden);
  for (let block = 0; block < model.nBlocks; block++)
    await runBlock(forward, block, hidden, (done) =>
      onProgress({ done: block * windows.samples + done, total, detail: `block ${block + 1}/${model.nBlocks}` }),
    );
  const likelihoods = await tokenNll(forward, windows, hidden, slices, (slice, done) =>
    onProgress({ done: (model.nBlocks + slice) * windows.samples + done, total, detail: `head ${slice + 1}/${slices.length}` }),
  );
  return summarise(likelihoods, windows);
}

/** −log p of every token but each window's first, f64 `[windows, length - 1]`. */
async function tokenNll(
  { model, weights, runtime, signal }: Forward,
  windows: Windows,
  hidden: HiddenStates,
  slices: readonly VocabularySlice[],
  onWindow: (slice: number, done: number) => void,
): Promise<Float64Array> {
  const { samples, length, ids } = windows;
  const logTotals = new Float64Array(samples * (length - 1)).fill(-Infinity);
  const targets = new Float64Array(samples * (length - 1));
  const sliceTotals = new Float32Array(length);
  const picked = new Float32Array(length);
  const columns = new BigInt64Array(length);
  for (const [sliceIdx, { from, to }] of slices.entries()) {
    const graph = buildGraph((builder) => {
      const { total, picked } = writeHeadSlice(builder, model, length, { from, to });
      builder.output('total', total);
      builder.output('picked', picked);
    });
    await using program = await runtime.compile(graph, weights);
    for (let w = 0; w < samples; w++) {
      throwIfCancelled(signal);
      const next = ids.subarray(w * length + 1, (w + 1) * length);
      next.forEach((id, t) => {
        columns[t] = id >= from && id < to ? BigInt(id - from) : 0n;
      });
      await program.run({ hidden: hidden.read(w), columns }, { total: sliceTotals, picked });
      next.forEach((id, t) => {
        const at = w * (length - 1) + t;
        logTotals[at] = logAddExp(logTotals[at], sliceTotals[t]);
        if (id >= from && id < to) targets[at] = picked[t];
      });
      onWindow(sliceIdx, w + 1);
    }
  }
  return logTotals.map((total, at) => total - targets[at]);
}

function summarise(likelihoods: Float64Array, { samples, length }: Windows): Perplexity {
  const windowNll = Array.from({ length: samples }, (_, w) => mean(likelihoods.subarray(w * (length - 1), (w + 1) * (length - 1))));
  const bad = windowNll.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SecateurError('NOT_FINITE', `evaluation window ${bad + 1}: the negative log likelihood is ${windowNll[bad]}`);
  const nll = mean(windowNll);
  return { perplexity: Math.exp(nll), nll, tokens: samples * (length - 1), windows: samples, length, windowNll };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
