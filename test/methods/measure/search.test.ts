import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { stepOf } from '../../../src/methods/budget-moves.ts';
import type { Lab, TrialRequest } from '../../../src/methods/lab.ts';
import { search } from '../../../src/methods/measure/search.ts';
import type { LinearInput } from '../../../src/methods/measure.ts';
import type { Measured } from '../../../src/methods/sensitivity.ts';
import type { StatisticName } from '../../../src/methods/statistics.ts';
import { fakeLab } from '../../support/fake-lab.ts';

const sizes = [100, 100, 200, 300, 100, 400];
const slots = sizes.map((size, i) => ({ name: `model.layers.${i}.w.weight`, block: i, kind: 'w', out: 1, in: size }));
const worth = [9, 1, 2, 5, 3, 0.5];
const seeds = [
  { name: 'uniform', zeros: sizes.map((size) => size / 2) },
  { name: 'worse', zeros: [90, 20, 110, 160, 20, 200] },
];

/** What a matrix of that worth loses with so many zeros: convex, so that there is one optimum. */
const lossOf = (i: number, zeros: number) => (worth[i]! * zeros ** 2) / sizes[i]!;
const total = (zeros: readonly number[]) => zeros.reduce((sum, count) => sum + count, 0);
const costOf = (zeros: readonly number[]) => zeros.reduce((sum, count, i) => sum + lossOf(i, count), 0);
const zerosOf = (measured: readonly Measured[]) => measured.map((found, i) => Math.round((1 - keptOf(found)) * sizes[i]!));
const keptOf = (found: Measured) => ('value' in found ? found.value : Number.NaN);

interface Watched {
  readonly lab: Lab;
  /** Every budget that was tried, with the windows it was tried on. */
  readonly tried: { readonly zeros: readonly number[]; readonly windows: number }[];
  /** Costs of the best, as they were told. */
  readonly told: number[];
  state: unknown;
}

/** A lab whose model loses what its matrices lose, but for `noise` of the windows that are looked at. */
function separable(lent: Partial<Lab> = {}, noise: (zeros: readonly number[], firstWindow: number) => number = () => 0): Watched {
  const watched: Watched = {
    tried: [],
    told: [],
    state: undefined,
    lab: fakeLab([], {
      slots,
      seeds: async () => seeds,
      prune: async (input, sparsity) => ({ rows: 1, cols: 1, data: Float32Array.of(Math.round(sparsity * input.slot.in)) }),
      async tryOut<N extends StatisticName>(request: TrialRequest<N>) {
        const budgets = request.spans.map(() => sizes.map(() => 0));
        for (const [block, slot] of slots.entries()) {
          const linears = [{ slot } as LinearInput<N>];
          for (const { trial, weight } of await request.propose({ block, nBlocks: slots.length, linears }))
            budgets[trial]![block] = weight.data[0]!;
        }
        watched.tried.push(...budgets.map((zeros) => ({ zeros, windows: request.windows })));
        return budgets.map((zeros) => ({ kl: costOf(zeros) + noise(zeros, request.firstWindow ?? 0), nll: 0 }));
      },
      found: (measured) => watched.told.push(costOf(zerosOf([...measured.values()]))),
      keep: (_, state) => {
        watched.state = structuredClone(state);
      },
      ...lent,
    }),
  };
  return watched;
}

const run = async ({ lab }: Watched, options: Partial<v.InferInput<typeof search.options>> = {}) =>
  zerosOf((await search.measureModel(lab, { ...v.parse(search.options, {}), ...options } as never)).measured);

/** By dynamic programming over all budgets that are whole steps away from the one that is started from. */
function optimum(from: readonly number[]): number {
  const step = stepOf(slots);
  const units = sizes.map((size, i) =>
    Array.from({ length: size / step + 1 }, (_, k) => (from[i]! % step) + k * step).filter((z) => z <= 0.99 * size),
  );
  let best = new Map([[0, 0]]);
  for (const [i, counts] of units.entries()) {
    const next = new Map<number, number>();
    for (const [sum, cost] of best)
      for (const zeros of counts) next.set(sum + zeros, Math.min(next.get(sum + zeros) ?? Infinity, cost + lossOf(i, zeros)));
    best = next;
  }
  return best.get(total(from))!;
}

describe('search', () => {
  it('keeps the total in everything it tries, and finds what dynamic programming finds where losses add up', async () => {
    const watched = separable();
    const found = await run(watched, { generations: 150 });
    expect(new Set(watched.tried.map(({ zeros }) => total(zeros)))).toEqual(new Set([600]));
    expect(costOf(seeds[0]!.zeros)).toBeGreaterThan(1.3 * optimum(seeds[0]!.zeros));
    expect(costOf(found)).toBeCloseTo(optimum(seeds[0]!.zeros), 9);
  });

  it('starts from the best that is known, and never gets worse on windows that stay the same', async () => {
    const watched = separable();
    await run(watched, { generations: 30 });
    expect(watched.told[0]).toBe(Math.min(...seeds.map(({ zeros }) => costOf(zeros))));
    expect(watched.told.length).toBeGreaterThan(3);
    expect(watched.told).toEqual(watched.told.toSorted((a, b) => b - a));
  });

  it('tries the parent again beside the best quarter of its offspring, on the windows of that generation', async () => {
    const watched = separable();
    await run(watched, { generations: 1, offspring: 8, windows: 4 });
    const [seeded, first, last] = [watched.tried.slice(0, 2), watched.tried.slice(2, 10), watched.tried.slice(10)];
    expect([seeded, first, last].map((stage) => stage.map(({ windows }) => windows))).toEqual([[4, 4], Array(8).fill(1), [4, 4, 4]]);
    expect(last[0]!.zeros).toEqual(seeds[0]!.zeros);
    const costs = first.map(({ zeros }) => costOf(zeros)).toSorted((a, b) => a - b);
    expect(last.slice(1).map(({ zeros }) => costOf(zeros))).toEqual(costs.slice(0, 2));
  });

  it('is the same whether it was stopped in between or not, also where every generation reads other windows', async () => {
    const noise = (zeros: readonly number[], firstWindow: number) => 5 * Math.sin(firstWindow * 7 + zeros[0]! * 3 + zeros[2]!);
    const whole = await run(separable({}, noise), { generations: 24 });
    const begun = separable({}, noise);
    await run(begun, { generations: 9 });
    const resumed = separable({ kept: () => begun.state }, noise);
    expect(await run(resumed, { generations: 24 })).toEqual(whole);
    expect(resumed.tried.length).toBeLessThan(15 * 12);
    expect(whole).not.toEqual(await run(separable({}, noise), { generations: 24, seed: 1 }));
  });

  it('ends when its time is over, counting what earlier starts took, and has kept the best', async () => {
    let now = 0;
    const timed = separable({ elapsedMs: () => (now += 60_000) });
    await run(timed, { minutes: 5 });
    expect(timed.state).toMatchObject({ generation: 4, minutes: 5 });
    const later = separable({ elapsedMs: () => 0, kept: () => timed.state });
    expect(total(await run(later, { minutes: 5 }))).toBe(600);
    expect(later.tried).toEqual([]);
  });

  it('takes what was kept for nothing where it is of another model, or no state', async () => {
    for (const kept of [
      null,
      { zeros: [1, 2] },
      { zeros: sizes, kl: 1 },
      { zeros: sizes.map((size) => size + 1), kl: 1, generation: 3, minutes: 0 },
    ]) {
      const watched = separable({ kept: () => kept });
      await run(watched, { generations: 1 });
      expect(watched.state).toMatchObject({ generation: 1 });
    }
  });

  it('leaves a model as it is that is to have no zeros', async () => {
    const none = separable({ seeds: async () => [{ name: 'uniform', zeros: sizes.map(() => 0) }] });
    expect(await run(none)).toEqual(sizes.map(() => 0));
  });
});
