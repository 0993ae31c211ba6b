/** Estimates of traces, held against the exact ones of a model whose derivatives are all written down in float64. */

import { describe, expect, it } from 'vitest';
import { curvatures, gradientNorms } from '../../src/engine/gradients.ts';
import type { Windows } from '../../src/engine/texts.ts';
import { evaluateGraph } from '../../src/graph/evaluate.ts';
import { reverse } from '../../src/graph/reverse.ts';
import { tangent } from '../../src/graph/tangent.ts';
import { estimate } from '../../src/methods/estimate.ts';
import { testContext } from '../support/context.ts';
import { type TinyModel, tinyModel } from '../support/tiny-model.ts';

const length = 5;
const windows = [
  [3, 1, 4, 1, 5],
  [6, 2, 0, 5, 3],
];

const textOf = (...ids: number[][]) => ({ ids: Int32Array.from(ids.flat()), samples: ids.length, length }) as Windows;
const feedsOf = (ids: number[]) => ({ ids, next: ids.slice(1) });

describe('the trace of the Hessian', () => {
  it('is the same by products with unit vectors as by finite differences of gradients', async () => {
    const tiny = await tinyModel(1);
    for (const [i, { tensor }] of tiny.source.linears.entries()) {
      const [byProducts, byDifferences] = [traceByProducts(tiny, tensor), traceByDifferences(tiny, tensor)];
      expect(byProducts / byDifferences, `${i} ${tensor}`).toBeCloseTo(1, 5);
    }
  });

  it.each(['rademacher', 'gaussian'] as const)('lies within three standard errors of the mean of %s probes', async (law) => {
    const tiny = await tinyModel(1);
    const seeds = Array.from({ length: 96 }, (_, i) => i);
    const draws = await curvatures(tiny.source, textOf(...windows), { law, seeds, windows: 2, length }, testContext());
    const exact = tiny.source.linears.map(({ tensor }) => traceByProducts(tiny, tensor));
    const largest = Math.max(...exact.map(Math.abs));
    for (const [slot, { tensor }] of tiny.source.linears.entries()) {
      const { value, standardError } = estimate(draws.map((draw) => draw[slot]));
      expect(Math.abs(value - Math.abs(exact[slot])), tensor).toBeLessThan(3 * standardError!);
      // So that the bound cannot hold by being wide.
      expect(standardError!, tensor).toBeLessThan(0.25 * largest);
    }
  });
});

describe('the Fisher of sampled labels', () => {
  it('has the trace of the Gauss-Newton matrix within three standard errors', async () => {
    const tiny = await tinyModel(2);
    const n = 500;
    const text = textOf(...Array<number[]>(n).fill(windows[0]));
    const norms = await gradientNorms(
      tiny.source,
      text,
      { windows: n, length, labels: 'sampled', seed: 5, form: 'gradient' },
      testContext(),
    );
    const exact = gaussNewtonTraces(tiny, windows[0]);
    const text0 = await gradientNorms(
      tiny.source,
      textOf(windows[0]),
      { windows: 1, length, labels: 'text', seed: 5, form: 'gradient' },
      testContext(),
    );
    for (const [slot, { tensor }] of tiny.source.linears.entries()) {
      const { value, standardError } = estimate(norms.map((norm) => norm[slot]));
      expect(Math.abs(value - exact[slot]), tensor).toBeLessThan(3 * standardError!);
      // The empirical Fisher is another number: a pass that took the text's labels would be seen.
      expect(Math.abs(text0[0][slot] - exact[slot]), tensor).toBeGreaterThan(3 * standardError!);
    }
  });
});

/** Of the mean loss over both windows, one unit vector after another. */
function traceByProducts(tiny: TinyModel, tensor: string): number {
  const graph = tangent(reverse(tiny.graph(length), { of: ['loss'], wrt: [tensor] }), { along: [tensor] });
  const size = tiny.parameters[tensor].length;
  return traceOf(size, (i) => {
    const unit = new Float64Array(size);
    unit[i] = 1;
    return overWindows((feeds) => evaluateGraph(graph, { ...feeds, [`${tensor}'`]: unit }, tiny.parameters)[`∂${tensor}'`][i]);
  });
}

function traceByDifferences(tiny: TinyModel, tensor: string): number {
  const graph = reverse(tiny.graph(length), { of: ['loss'], wrt: [tensor] });
  const weights = Float64Array.from(tiny.parameters[tensor]);
  const step = 1e-5;
  return traceOf(weights.length, (i) => {
    const slopeAt = (shift: number) => {
      const moved = weights.with(i, weights[i] + shift);
      return overWindows((feeds) => evaluateGraph(graph, feeds, { ...tiny.parameters, [tensor]: moved })[`∂${tensor}`][i]);
    };
    return (slopeAt(step) - slopeAt(-step)) / (2 * step);
  });
}

/** Σ over positions of Σ over the vocabulary of p · ‖∂(−log p)/∂W‖², of every slot. */
function gaussNewtonTraces(tiny: TinyModel, ids: number[]): number[] {
  const tensors = tiny.source.linears.map(({ tensor }) => tensor);
  const { vocabSize } = tiny.source.model;
  const graph = tiny.graph(length);
  const { logits } = evaluateGraph(graph, feedsOf(ids), tiny.parameters);
  const reversed = reverse(graph, { of: ['logits'], wrt: tensors });
  const traces = tensors.map(() => 0);
  for (let t = 0; t < length - 1; t++) {
    const row = logits.subarray(t * vocabSize, (t + 1) * vocabSize);
    const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const shares = row.map((logit) => Math.exp(logit) / total);
    for (let label = 0; label < vocabSize; label++) {
      const cotangent = new Float64Array(logits.length);
      cotangent.set(shares, t * vocabSize);
      cotangent[t * vocabSize + label] -= 1;
      const gradients = evaluateGraph(reversed, { ...feedsOf(ids), '∂logits': cotangent }, tiny.parameters);
      for (const [slot, tensor] of tensors.entries())
        traces[slot] += shares[label] * gradients[`∂${tensor}`].reduce((sum, value) => sum + value ** 2, 0);
    }
  }
  return traces;
}

function traceOf(size: number, diagonal: (i: number) => number): number {
  return Array.from({ length: size }, (_, i) => diagonal(i)).reduce((sum, value) => sum + value, 0);
}

/** The mean over all predictions of what is summed over a window's. */
function overWindows(value: (feeds: Record<string, number[]>) => number): number {
  const sum = windows.reduce((total, ids) => total + value({ ...feedsOf(ids), '∂loss': [1] }), 0);
  return sum / (windows.length * (length - 1));
}
