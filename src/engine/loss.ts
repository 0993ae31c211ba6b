/** The loss of next-token prediction at the top of a model, every window cold: its gradient by the states there, and that along tangents. */

import { SecateurError } from '../error.ts';
import type { Model } from '../families/family.ts';
import { buildGraph, type Graph } from '../graph/ir.ts';
import { reverse } from '../graph/reverse.ts';
import { tangent } from '../graph/tangent.ts';
import type { Random } from '../tensor/random.ts';
import type { Carried } from './carried.ts';
import { throwIfCancelled } from './context.ts';
import { drawIndex } from './draws.ts';
import type { Forward } from './forward.ts';
import { logAddExp, type VocabularySlice, writeHeadSlice } from './head.ts';
import { compileOutputs } from './programs.ts';
import type { Tokens } from './tokens.ts';

/** The tokens of the text themselves, or tokens drawn from the model's predictions with a generator for each window. */
export type Labels = 'text' | readonly Random[];

export interface LossTask {
  readonly forward: Forward;
  readonly tokens: Tokens;
  readonly labels: Labels;
  /** Of the vocabulary, in its order; what is found is the same for all but rounding and draws. */
  readonly slices: readonly VocabularySlice[];
  /** Called `countLossWork` times. */
  readonly onWindow: (detail: string) => void;
}

/** What every slice of the vocabulary says of every position, all `[windows, length]`. */
interface Predictions {
  /** log Σ exp of each slice's logits, with its tangents. */
  readonly slices: readonly { readonly total: Float32Array; readonly tangents: readonly Float32Array[] }[];
  /** The same of the whole vocabulary. */
  readonly logTotal: Float64Array;
  readonly logTangents: readonly Float64Array[];
  /** The token each position should predict; of the last one of a window, nothing is asked. */
  readonly labels: Int32Array;
}

/**
 * ∂/∂states of the loss, −log p summed over the predictions of a window, and its tangents. The vocabulary is taken a slice at a time: the
 * loss is log Σ exp(total of a slice) − logit of the label, so a slice's share of the total is the cotangent of its own.
 *
 * @param states  what leaves the last block
 * @param into    filled with the cotangents
 * @throws        `NOT_FINITE` naming the window, `CANCELLED`
 */
export async function lossGradient(task: LossTask, states: Carried, into: Carried): Promise<void> {
  const predictions = await predict(task, states);
  for (const s of task.slices.keys()) await addSlice(task, states, predictions, s, into);
}

export function countLossWork({ tokens, slices }: Pick<LossTask, 'tokens' | 'slices'>): number {
  return 2 * tokens.windows * slices.length;
}

async function predict({ forward, tokens, labels: drawn, slices, onWindow }: LossTask, { dense, tangents }: Carried): Promise<Predictions> {
  const { model, signal } = forward;
  const { ids, windows, length } = tokens;
  const size = windows * length;
  const logTotal = new Float64Array(size).fill(-Infinity);
  const labels = Int32Array.from({ length: size }, (_, i) => ids[i + 1] ?? 0);
  const found = slices.map(() => ({ total: new Float32Array(size), tangents: tangents.map(() => new Float32Array(size)) }));
  for (const [s, { from, to }] of slices.entries()) {
    const isDrawn = drawn !== 'text';
    const graph = sliceGraph(model, length, { from, to });
    const outputs = ['total', ...(isDrawn ? ['logits'] : []), ...(tangents.length > 0 ? ["total'"] : [])];
    const derived = tangents.length > 0 ? tangent(graph, { along: ['hidden'] }) : graph;
    await using program = await compileOutputs(derived, outputs, forward);
    const logits = new Float32Array(isDrawn ? length * (to - from) : 0);
    for (let w = 0; w < windows; w++) {
      throwIfCancelled(signal);
      const at = (values: Float32Array) => values.subarray(w * length, (w + 1) * length);
      const total = at(found[s].total);
      const hidden = dense.read(w);
      if (tangents.length === 0) await program.run({ hidden }, { total, ...(isDrawn && { logits }) });
      for (const [k, states] of tangents.entries())
        await program.run({ hidden, "hidden'": states.read(w) }, { total, "total'": at(found[s].tangents[k]) });
      for (let t = 0; t < length; t++) {
        const i = w * length + t;
        logTotal[i] = logAddExp(logTotal[i], total[t]);
        // Each slice takes the label over with its share of the vocabulary so far, which is a draw from all of it in the end.
        if (isDrawn && drawn[w].uniform() < Math.exp(total[t] - logTotal[i]))
          labels[i] = from + drawIndex(logits.subarray(t * (to - from), (t + 1) * (to - from)), total[t], drawn[w].uniform());
      }
      onWindow(`head ${s + 1}/${2 * slices.length}`);
    }
  }
  refuseNotFinite(logTotal, length);
  const logTangents = tangents.map((_, k) =>
    logTotal.map((log, i) => sum(found, (slice) => share(slice.total[i], log) * slice.tangents[k][i])),
  );
  return { slices: found, logTotal, logTangents, labels };
}

async function addSlice(task: LossTask, states: Carried, predictions: Predictions, s: number, into: Carried): Promise<void> {
  const { forward, tokens, slices, onWindow } = task;
  const { windows, length } = tokens;
  const { from, to } = slices[s];
  const { model, signal } = forward;
  const { logTotal, logTangents, labels } = predictions;
  const { total, tangents } = predictions.slices[s];
  const reversed = reverse(sliceGraph(model, length, { from, to }), { of: ['total', 'picked'], wrt: ['hidden'] });
  const along = ['hidden', '∂total'];
  const derived = tangents.length > 0 ? tangent(reversed, { along }) : reversed;
  await using program = await compileOutputs(derived, ['∂hidden', ...(tangents.length > 0 ? ["∂hidden'"] : [])], forward);
  const columns = new BigInt64Array(length);
  const [totalCotangent, totalTangent, pickedCotangent] = [0, 0, 0].map(() => new Float32Array(length));
  const [cotangent, cotangentTangent] = [0, 0].map(() => new Float32Array(length * model.hiddenSize));
  for (let w = 0; w < windows; w++) {
    throwIfCancelled(signal);
    for (let t = 0; t < length - 1; t++) {
      const i = w * length + t;
      const isHere = labels[i] >= from && labels[i] < to;
      columns[t] = isHere ? BigInt(labels[i] - from) : 0n;
      pickedCotangent[t] = isHere ? -1 : 0;
      totalCotangent[t] = share(total[i], logTotal[i]);
    }
    const feeds = { hidden: states.dense.read(w), columns, '∂total': totalCotangent, '∂picked': pickedCotangent };
    if (tangents.length === 0) await program.run(feeds, { '∂hidden': cotangent });
    for (const [k, values] of tangents.entries()) {
      for (let t = 0; t < length - 1; t++) {
        const i = w * length + t;
        totalTangent[t] = totalCotangent[t] * (values[i] - logTangents[k][i]);
      }
      const tangentFeeds = { "hidden'": states.tangents[k].read(w), "∂total'": totalTangent };
      await program.run({ ...feeds, ...tangentFeeds }, { '∂hidden': cotangent, "∂hidden'": cotangentTangent });
      accumulate(into.tangents[k], w, cotangentTangent, s > 0);
    }
    accumulate(into.dense, w, cotangent, s > 0);
    onWindow(`head ${slices.length + s + 1}/${2 * slices.length}`);
  }
}

function sliceGraph(model: Model, length: number, slice: VocabularySlice): Graph {
  return buildGraph((builder) => {
    for (const [name, value] of Object.entries(writeHeadSlice(builder, model, length, slice))) builder.output(name, value);
  });
}

function accumulate(into: Carried['dense'], window: number, values: Float32Array, isAdded: boolean): void {
  if (isAdded) {
    const before = into.read(window);
    for (let i = 0; i < values.length; i++) values[i] += before[i];
  }
  into.write(window, values);
}

/** What a slice's total is of the whole. */
function share(total: number, logTotal: number): number {
  return Math.exp(total - logTotal);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function refuseNotFinite(logTotals: Float64Array, length: number): void {
  const bad = logTotals.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new SecateurError('NOT_FINITE', `window ${Math.floor(bad / length) + 1}: the model’s prediction is ${logTotals[bad]}`);
}
