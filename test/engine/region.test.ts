import { describe, expect, it } from 'vitest';
import { decodeWeights } from '../../src/engine/checkpoint.ts';
import { blockGradients, openRegion } from '../../src/engine/region.ts';
import { readTensor } from '../../src/engine/target.ts';
import { regional } from '../../src/methods/solve/regional.ts';
import { createMatrix, type Mask, type Matrix } from '../../src/tensor/matrix.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { beginAtReference, expectSummary, reference } from '../support/saliency-gradients.ts';

async function openDense() {
  const at = await beginAtReference();
  const dense = at.linears.map(({ tensor, out, in: width }) => {
    const entry = at.source.tensors.get(tensor)!;
    return decodeWeights(readTensor(at.source, entry), entry.type, out, width);
  });
  return { ...at, dense, region: await openRegion(at.forward, at.block, at.hidden, at.linears) };
}

const gradientsOf = (weights: readonly Matrix[]) => weights.map(({ rows, cols }) => createMatrix(rows, cols));
const copyOf = (weights: readonly Matrix[]) => weights.map((weight) => ({ ...weight, data: weight.data.slice() }));
/** Every entry of even index pruned. */
const checkered = ({ rows, cols }: Matrix): Mask => ({ rows, cols, data: Uint8Array.from({ length: rows * cols }, (_, at) => at % 2) });

describe('blockGradients', () => {
  it('is the root mean square over windows of the gradient of the output’s norm that PyTorch gives', async () => {
    const { forward, block, hidden, linears } = await beginAtReference();
    const done: number[] = [];
    const gradients = await blockGradients(forward, block, hidden, linears, (window) => done.push(window));
    expect([...gradients.keys()]).toEqual(Object.keys(reference.block));
    for (const [tensor, gradient] of gradients) expectSummary(gradient, reference.block[tensor], 1e-4);
    expect(done).toEqual([1, 2]);
  });
});

describe('a region', () => {
  it('has no error where the weights are the dense ones, but for rounding', async () => {
    const { region, dense } = await openDense();
    await using _ = region;
    const pruned = dense.map((weight) => ({ ...weight, data: weight.data.map((value, at) => (at % 2 ? value : 0)) }));
    const error = await region.outputError(1, copyOf(dense), gradientsOf(dense));
    expect(error / (await region.outputError(1, pruned, gradientsOf(dense)))).toBeLessThan(1e-10);
  });

  it('says by its gradient how the error grows with a step', async () => {
    const { region, dense } = await openDense();
    await using _ = region;
    const random = createRandom(5);
    const weights = dense.map((weight) => ({ ...weight, data: weight.data.map((value) => value + 0.02 * random.gaussian()) }));
    const gradients = gradientsOf(weights);
    await region.outputError(0, weights, gradients);
    const slope = gradients.reduce((sum, { data }) => sum + data.reduce((total, value) => total + value ** 2, 0), 0);
    const moved = (by: number) =>
      weights.map((weight, i) => ({ ...weight, data: weight.data.map((value, at) => value + by * gradients[i].data[at]) }));
    const step = 1e-3 / Math.sqrt(slope);
    const [up, down] = [
      await region.outputError(0, moved(step), gradientsOf(weights)),
      await region.outputError(0, moved(-step), gradientsOf(weights)),
    ];
    expect((up - down) / (2 * step * slope)).toBeCloseTo(1, 2);
  });

  it('with the solver, makes the steps that PyTorch’s RMSprop makes', async () => {
    const { region, dense, linears } = await openDense();
    await using _ = region;
    const errors = async (weights: readonly Matrix[]) => [
      await region.outputError(0, weights, gradientsOf(weights)),
      await region.outputError(1, weights, gradientsOf(weights)),
    ];
    const start = dense.map((weight) => ({ ...weight, data: weight.data.map((value, at) => (at % 2 ? value : 0)) }));
    const before = await errors(start);
    const solved = await regional.solve(
      {
        linears: linears.map(({ tensor }, i) => ({ name: tensor, weight: dense[i] })),
        region: { windows: 2, outputError: region.outputError, chooseMasks: async (weights) => weights.map(checkered) },
        random: { ...createRandom(0), below: () => 0 },
        report: () => {},
      },
      { rounds: 1, windows: 2, rate: reference.rate },
    );
    for (const [i, { tensor }] of linears.entries()) expectSummary(solved[i].weight, reference.regional[tensor], 1e-4);
    const after = await errors(solved.map(({ weight }) => weight));
    for (const n of [0, 1]) {
      expect(before[n] / reference.error.before[n]).toBeCloseTo(1, 4);
      expect(after[n] / reference.error.after[n]).toBeCloseTo(1, 4);
      expect(after[n]).toBeLessThan(0.97 * before[n]);
    }
  });
});
