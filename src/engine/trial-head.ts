/** Compares what trials predict with what the dense model does, at every token of a passage, the head a slice of the vocabulary at a time. */

import { buildGraph } from '../graph/ir.ts';
import type { Shift } from '../methods/lab.ts';
import { type DenseSlice, denseSlice, joinSlices, type SliceShift, sliceShift } from './divergence.ts';
import type { Forward } from './forward.ts';
import { vocabularySlices } from './head.ts';
import type { HiddenStates } from './hidden.ts';
import { countPredictions, type Tokens } from './tokens.ts';

/**
 * @param dense      states that leave the last block of the dense model
 * @param trials     the same of each trial
 * @param beforeRun  called before every window of every trial and slice
 * @returns          one a trial, in their order
 */
export async function measureShifts(
  { model, weights, runtime }: Forward,
  passage: Tokens,
  dense: HiddenStates,
  trials: readonly HiddenStates[],
  beforeRun: () => void,
): Promise<Shift[]> {
  const { windows, length } = passage;
  const slices = vocabularySlices(model.vocabSize, length);
  const logTotals: Float64Array[][] = [];
  const found = trials.map((): Tally => ({ slices: [], rises: new Float64Array(windows * length) }));
  for (const { from, to } of slices) {
    const cols = to - from;
    const graph = buildGraph((builder) => {
      builder.output('logits', model.head(builder, builder.input('hidden', [length, model.hiddenSize]), from, to));
    });
    await using program = await runtime.compile(graph, weights);
    const logits = new Float32Array(length * cols);
    const totals: Float64Array[] = [];
    const shifts = trials.map((): SliceShift[] => []);
    for (let w = 0; w < windows; w++) {
      beforeRun();
      const own = { rows: length, cols, data: new Float32Array(length * cols) };
      await program.run({ hidden: dense.read(w) }, { logits: own.data });
      const slice = denseSlice(own);
      totals.push(slice.logTotals);
      for (const [i, states] of trials.entries()) {
        beforeRun();
        await program.run({ hidden: states.read(w) }, { logits });
        shifts[i].push(sliceShift(slice, logits));
        noteRises(found[i].rises, slice, logits, passage, w, from);
      }
    }
    logTotals.push(totals);
    for (const [i, tally] of found.entries()) tally.slices.push(shifts[i]);
  }
  return found.map((tally) => meanShift(tally, logTotals, passage));
}

/** What is found of one trial. */
interface Tally {
  /** `[slices][windows]`. */
  readonly slices: SliceShift[][];
  /** By how much the logit of the token that comes next is higher than the dense model's, f64 `[windows · length]`. */
  readonly rises: Float64Array;
}

function noteRises(
  rises: Float64Array,
  { logits: { cols, data } }: DenseSlice,
  logits: Float32Array,
  { ids, length }: Tokens,
  w: number,
  from: number,
): void {
  for (let t = 0; t < length - 1; t++) {
    const column = ids[w * length + t + 1] - from;
    if (column >= 0 && column < cols) rises[w * length + t] = logits[t * cols + column] - data[t * cols + column];
  }
}

function meanShift({ slices, rises }: Tally, logTotals: readonly (readonly Float64Array[])[], passage: Tokens): Shift {
  const { windows, length } = passage;
  let [divergence, loss] = [0, 0];
  for (let w = 0; w < windows; w++)
    for (let t = 0; t < length; t++) {
      const { kl, logTotal } = joinSlices(
        logTotals.map((totals) => totals[w][t]),
        slices.map((shifts) => ({ mean: shifts[w].means[t], excess: shifts[w].excesses[t] })),
      );
      divergence += kl;
      if (t < length - 1) loss += logTotal - rises[w * length + t];
    }
  return { kl: divergence / (windows * length), nll: loss / countPredictions(passage) };
}
