import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import { lossGradientBytes } from '../../src/engine/loss-gradients.ts';
import { runNeeds } from '../../src/engine/needs.ts';
import { neededStatistics, solveWork } from '../../src/engine/solve-work.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { testContext } from '../support/context.ts';
import { sample, sampleRecipe } from '../support/runs.ts';

const stepOf = (solve: string) => parseRecipe(sampleRecipe({ to: '/tmp/none', more: `solve: ${solve}` })).recipe!.solve;
const plain = stepOf('{ method: mask, score: { method: wanda }}');
const gblm = stepOf('{ method: mask, score: { method: gblm, windows: 3 }}');
const wandaPlusPlus = stepOf('{ method: regional, rounds: 2, windows: 5, score: { method: wanda++ }}');

describe('neededStatistics', () => {
  it('names what criterion, solver and finish need, and nothing else', () => {
    expect([...neededStatistics(stepOf('{ method: mask, score: { method: magnitude }}'))]).toEqual([]);
    expect([...neededStatistics(plain)]).toEqual(['norms']);
    const finished = stepOf('{ method: mask, score: { method: magnitude }, finish: { method: least-squares }}');
    expect([...neededStatistics(finished)]).toEqual(['gram']);
    expect([...neededStatistics(gblm)].toSorted()).toEqual(['lossGradient', 'norms', 'windows']);
    expect([...neededStatistics(wandaPlusPlus)].toSorted()).toEqual(['blockGradient', 'norms', 'windows']);
  });
});

describe('solveWork', () => {
  it('counts the windows that are derived and the calibrations that are repeated', () => {
    const nothing = { lossWindows: 0, blockWindows: 0, calibrations: 0, together: false };
    expect(solveWork(plain, 8)).toEqual(nothing);
    expect(solveWork(gblm, 8)).toEqual({ ...nothing, lossWindows: 3 });
    expect(solveWork(gblm, 2)).toEqual({ ...nothing, lossWindows: 2 });
    expect(solveWork(wandaPlusPlus, 8)).toEqual({ lossWindows: 0, blockWindows: 2 * 5 + 8, calibrations: 3, together: true });
  });
});

describe('runNeeds', () => {
  it('tells the room for gradients beforehand, and moves to disk what the memory limit has no room for', async () => {
    const checkpoint = await openCheckpoint(sample);
    const needs = (solve: typeof plain, memoryLimitBytes: number) =>
      runNeeds(checkpoint, { samples: 8, length: 64, products: 4, solve: solveWork(solve, 8) }, testContext({ memoryLimitBytes }));
    const gradients = lossGradientBytes(checkpoint.model);
    const [without, roomy, tight] = [await needs(plain, 2 ** 40), await needs(gblm, 2 ** 40), await needs(gblm, 2 ** 20)];
    expect(roomy.memoryBytes - without.memoryBytes).toBeGreaterThan(gradients);
    expect(roomy.scratchBytes).toBe(0);
    expect(tight.scratchBytes).toBeGreaterThan(gradients);
    expect(roomy.seconds).toBeGreaterThan(without.seconds);
  });
});
