import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createRandoms, drawProbe } from '../../../src/engine/draws.ts';
import type { CurvatureRequest } from '../../../src/methods/lab.ts';
import { fisher } from '../../../src/methods/measure/fisher.ts';
import { hessianTrace } from '../../../src/methods/measure/hessian-trace.ts';
import type { Findings } from '../../../src/methods/measure.ts';
import { rankAgreement } from '../../../src/methods/rank-agreement.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { derivativesLab } from '../../support/derivatives-lab.ts';
import { sampleLab, sampleWindows } from '../../support/labs.ts';

/** A quadratic loss whose Hessian, all matrices together, is known. */
async function measure(hessian: number[][], sizes: number[], options: object) {
  const asked: CurvatureRequest[] = [];
  const stages: number[][] = [];
  const { lab, seen } = derivativesLab(sizes, {
    stage: (from, to) => void stages.push([from, to]),
    async curvatures(request) {
      asked.push(request);
      const found = request.seeds.map((seed) => {
        const probe = createRandoms(seed, sizes.length).flatMap((random, slot) => [...drawProbe(request.law, random, sizes[slot])]);
        const products = hessian.map((row, i) => probe[i] * row.reduce((sum, value, j) => sum + value * probe[j], 0));
        return Float64Array.from(bySlot(products, sizes));
      });
      for (const slot of sizes.keys())
        request.onSlot?.(
          slot,
          Float64Array.from(found, (draw) => draw[slot]),
        );
      return found;
    },
  });
  const { measured } = await hessianTrace.measureModel(lab, v.parse(hessianTrace.options, options));
  const probes = asked.reduce((sum, { seeds }) => sum + seeds.length, 0);
  return { measured: measured as { value: number; standardError?: number }[], seen, asked, stages, probes };
}

/** Sums over the parameters of each slot. */
function bySlot(values: number[], sizes: number[]): number[] {
  return sizes.map((size, slot) => {
    const from = sizes.slice(0, slot).reduce((sum, each) => sum + each, 0);
    return values.slice(from, from + size).reduce((sum, value) => sum + value, 0);
  });
}

/** Symmetric, of no definite sign. */
function randomHessian(n: number, seed: number): number[][] {
  const random = createRandom(seed);
  const half = Array.from({ length: n }, () => Array.from({ length: n }, () => random.gaussian()));
  return half.map((row, i) => row.map((value, j) => value + half[j][i]));
}

const sizes = [4, 7, 2, 9];
const n = 22;

describe('the trace of a quadratic loss', () => {
  it.each(['rademacher', 'gaussian'] as const)(
    'lies within three standard errors with %s probes, about as large as theory says',
    async (law) => {
      const hessian = randomHessian(n, 1);
      const { measured } = await measure(hessian, sizes, { probes: 200, law, agreement: 1 });
      const exact = bySlot(
        hessian.map((row, i) => row[i]),
        sizes,
      );
      let at = 0;
      for (const [slot, { value, standardError }] of measured.entries()) {
        expect(Math.abs(value - Math.abs(exact[slot]))).toBeLessThan(3 * standardError!);
        const own = hessian.slice(at, at + sizes[slot]);
        const whole = own.flat().reduce((sum, entry) => sum + entry ** 2, 0);
        const within = own.flatMap((row) => row.slice(at, at + sizes[slot])).reduce((sum, entry) => sum + entry ** 2, 0);
        const diagonal = own.reduce((sum, row, i) => sum + row[at + i] ** 2, 0);
        // Products within the matrix count twice, since H is symmetric; those with other matrices once.
        const variance = whole + within - (law === 'rademacher' ? 2 * diagonal : 0);
        expect(standardError! / Math.sqrt(variance / 200)).toBeGreaterThan(0.75);
        expect(standardError! / Math.sqrt(variance / 200)).toBeLessThan(1.25);
        at += sizes[slot];
      }
    },
  );

  it('is exact from one probe of signs where the Hessian is diagonal', async () => {
    const diagonal = Array.from({ length: n }, (_, i) => (i % 5) - 1.5);
    const hessian = diagonal.map((value, i) => diagonal.map((_, j) => (i === j ? value : 0)));
    const { measured } = await measure(hessian, sizes, { probes: 1 });
    bySlot(diagonal, sizes).forEach((trace, slot) => {
      expect(measured[slot]).toEqual({ value: expect.closeTo(Math.abs(trace), 10) });
    });
  });
});

describe('its probes', () => {
  /** Traces far apart, and little beside them. */
  const clear = randomHessian(n, 2).map((row, i) => row.map((value, j) => (i === j ? 100 * (i + 1) ** 2 : value / 100)));
  const unclear = randomHessian(n, 3).map((row, i) => row.map((value, j) => (i === j ? 0 : value)));

  it('are eight where the ranking is clear, and all where it never is', async () => {
    expect((await measure(clear, sizes, { probes: 50 })).probes).toBe(8);
    // A Hessian without a diagonal, and so without traces; with many slots, so that halves do not agree by chance.
    expect((await measure(unclear, Array(n).fill(1), { probes: 50 })).probes).toBe(50);
  });

  it('are all used where an agreement of 1 is asked for, or fewer than eight are', async () => {
    expect((await measure(clear, sizes, { probes: 22, agreement: 1 })).probes).toBe(22);
    expect((await measure(clear, sizes, { probes: 6 })).probes).toBe(6);
  });

  it('differ from each other and from those of other calibrations, and look at other windows every four', async () => {
    const { asked, stages } = await measure(unclear, sizes, { probes: 12, agreement: 1, windows: 3, length: 77 });
    expect(new Set(asked.flatMap(({ seeds }) => seeds)).size).toBe(12);
    expect(asked.map(({ firstWindow }) => firstWindow)).toEqual([0, 3, 6]);
    expect(asked.every(({ windows, length }) => windows === 3 && length === 77)).toBe(true);
    expect(stages).toEqual([
      [0, 4 / 12],
      [4 / 12, 8 / 12],
      [8 / 12, 1],
    ]);
  });

  it('are one of signs over one whole window in the released setting, whatever else is asked for', async () => {
    const { asked } = await measure(clear, sizes, { setting: 'released', probes: 30, law: 'gaussian', windows: 9 });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ law: 'rademacher', windows: 1, seeds: [expect.any(Number)] });
    expect(asked[0].length).toBeGreaterThanOrEqual(2048);
  });

  it('are told of as they come in, the last ones with all', async () => {
    const { measured, seen } = await measure(unclear, sizes, { probes: 12, agreement: 1 });
    for (const [slot, found] of measured.entries()) expect(seen.get(slot)).toEqual(found);
  });
});

describe('on the sample checkpoint', () => {
  it('ranks the matrices as the Fisher does, of which it is the curvature’s larger part', async () => {
    const lab = await sampleLab(await sampleWindows({ samples: 8, length: 64 }));
    const values = async (found: Promise<Findings>) => (await found).measured.map((one) => ('value' in one ? one.value : Number.NaN));
    const traces = await values(hessianTrace.measureModel(lab, v.parse(hessianTrace.options, { probes: 8 })));
    const fishers = await values(fisher.measureModel(lab, v.parse(fisher.options, {})));
    expect(traces).toHaveLength(42);
    // 0.993 where both are measured well: 32 probes, 32 windows of 256 tokens.
    expect(rankAgreement(traces, fishers)).toBeGreaterThan(0.9);
  }, 60_000);
});
