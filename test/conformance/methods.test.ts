/** Laws that every criterion, measure, allocator and solver keeps, so that a new file is tested on arrival. */

import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { exactCounts, shareLimits } from '../../src/methods/allocate/counts.ts';
import { allocators } from '../../src/methods/allocate/index.ts';
import { type Allocator, isFedBy, type Slot } from '../../src/methods/allocator.ts';
import type { Card, Options } from '../../src/methods/card.ts';
import type { Criterion, Scope } from '../../src/methods/criterion.ts';
import type { ErrorCurve } from '../../src/methods/error-curve.ts';
import { chooseMask } from '../../src/methods/mask-rule.ts';
import { measures } from '../../src/methods/measure/index.ts';
import type { BlockMeasure, Measure } from '../../src/methods/measure.ts';
import { criteria } from '../../src/methods/score/index.ts';
import { settle } from '../../src/methods/settle.ts';
import { solvers } from '../../src/methods/solve/index.ts';
import type { MaskChoice, Solved, Solver, Target } from '../../src/methods/solver.ts';
import type { Matrix } from '../../src/tensor/matrix.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { blockOf } from '../support/blocks.ts';
import { singleAlgebra } from '../support/plain-algebra.ts';
import {
  countZeros,
  killInput,
  makeProblem,
  masked,
  type Problem,
  takeInputs,
  withZeros,
  zerosAt,
  zerosOnTop,
} from '../support/problems.ts';
import { totalError } from '../support/reference.ts';
import { linearRegion } from '../support/region.ts';

const everyCriterion: [string, Criterion][] = Object.entries(criteria);
const everySolver: [string, Solver][] = Object.entries(solvers);
const everyAllocator: [string, Allocator][] = Object.entries(allocators);
const everyMeasure: [string, Measure][] = Object.entries(measures);
const blockMeasures = everyMeasure.flatMap(([name, measure]): [string, BlockMeasure][] =>
  measure.scope === 'block' ? [[name, measure]] : [],
);
const everyCard: [string, Card<Options>][] = [...everyCriterion, ...everyMeasure, ...everySolver, ...everyAllocator];

/** 40 is neither a multiple of a strip of 32 nor as wide as a block of 128; 168 is wider than that block. */
const twinned = takeInputs(makeProblem(6, 9, 36), [...Array.from({ length: 36 }, (_, j) => j), 4, 4, 11, 30]);
const inputs: Problem[] = [
  makeProblem(1, 11, 40),
  makeProblem(2, 40, 40),
  { ...makeProblem(3, 1, 40), label: 'one row' },
  { ...makeProblem(4, 6, 168), label: 'wider than a block' },
  killInput(killInput(makeProblem(5, 11, 40), 0), 17),
  { ...twinned, label: 'twin inputs' },
];
/** With 10 to 60 % zeros in the source, uneven over rows and inputs; in the last one some weights meet a dead input too. */
const sparseInputs: Problem[] = [
  withZeros(makeProblem(11, 11, 40), 0.1),
  withZeros(makeProblem(12, 23, 40), 0.3),
  withZeros(makeProblem(13, 6, 168), 0.6),
  withZeros(killInput(killInput(makeProblem(14, 9, 40), 0), 17), 0.4),
];
const sparseTargets: [string, (problem: Problem) => Target][] = [
  ['its own zeros', ({ weight }) => zerosOnTop(0, weight)],
  ['7 % more', ({ weight }) => zerosOnTop(0.07, weight)],
  ['half of the rest', ({ weight }) => zerosOnTop(0.5, weight)],
  ['everything', ({ weight }) => zerosOnTop(1, weight)],
  ['2:4', () => ({ n: 2, m: 4 })],
  ['1:8', () => ({ n: 1, m: 8 })],
  ['7:8', () => ({ n: 7, m: 8 })],
];
const scopes: readonly Scope[] = ['row', 'matrix'];

const targets: [string, (problem: Problem) => Target][] = [
  ['30 %', ({ weight }) => zerosAt(0.3, weight)],
  ['71 %', ({ weight }) => zerosAt(0.71, weight)],
  ['2:4', () => ({ n: 2, m: 4 })],
  ['1:8', () => ({ n: 1, m: 8 })],
];

const defaults = (options: Options) => v.parse(options, {});

async function score(criterion: Criterion, { weight, stats }: Problem) {
  return criterion.score({ weight, stats, damping: 0.01, algebra: singleAlgebra }, defaults(criterion.options));
}

/** As the engine does: the solver chooses where both it and the criterion can, and is given masks elsewhere. */
async function solve(solver: Solver, criterion: Criterion, problem: Problem, target: Target): Promise<Solved> {
  const { weight, stats } = problem;
  const chosen = async (now: Matrix) => chooseMask(await score(criterion, { ...problem, weight: now }), weight, target, criterion.scope);
  if (solver.scope === 'block') {
    const lent = { region: linearRegion(problem, chosen), random: createRandom(1), report: () => {} };
    // The laws hold after any number of steps.
    const [solved] = await solver.solve(
      { linears: [{ name: 'w', weight }], ...lent },
      { ...defaults(solver.options), rounds: 2, windows: 2 },
    );
    return solved;
  }
  const columnWeights = (diagonal: Float64Array, factor: Float64Array) =>
    criterion.sequential?.(diagonal, factor, defaults(criterion.options), stats);
  const canChoose = solver.choosesMask && columnWeights(Float64Array.of(1), Float64Array.of(1)) !== undefined;
  const choice: MaskChoice = canChoose
    ? { target, columnWeights: (diagonal, factor) => columnWeights(diagonal, factor)! }
    : { mask: await chosen(weight) };
  const start = 'mask' in choice ? masked(weight, choice.mask) : weight;
  return solver.solve({ name: 'w', weight, start, choice, stats, damping: 0.01, algebra: singleAlgebra }, defaults(solver.options));
}

/** Rising ever faster, to `end`. */
const curveTo = (end: number): ErrorCurve => [0.25, 0.5, 0.75, 0.95].map((sparsity) => ({ sparsity, error: end * sparsity ** 2 }));

const zerosOf = (target: Target, { weight }: Problem) =>
  'zeros' in target ? target.zeros : (weight.data.length * (target.m - target.n)) / target.m;

describe.each(everyCard)('card of %s', (_, card) => {
  test('says what it is, in words a user can read', () => {
    expect(card.title.length).toBeGreaterThan(2);
    expect(card.summary).toMatch(/\.$/);
    expect(card.formula.length).toBeGreaterThan(2);
    expect(card.paper === null || /^(arXiv|doi):/.test(card.paper)).toBe(true);
  });

  test('every option has a default, a description and, where it is a number, bounds', () => {
    for (const [name, entry] of Object.entries(card.options.entries)) {
      const { wrapped, default: fallback } = entry as v.OptionalSchema<v.GenericSchema, unknown>;
      expect(fallback, name).toBeDefined();
      expect(v.getDescription(wrapped), name).toMatch(/\.$/);
      if (typeof fallback !== 'number') continue;
      for (const beyond of [-1e9, 1e9, Number.NaN]) expect(v.safeParse(wrapped, beyond).success, `${name} ${beyond}`).toBe(false);
    }
  });

  test('takes no option it does not have', () => {
    expect(v.safeParse(card.options, { nonsense: 1 }).success).toBe(false);
  });
});

describe.each(everyCriterion)('criterion %s', (_, criterion) => {
  test.each(inputs)(
    'gives finite saliencies that are not negative, the same every time, and leaves the weight alone ($label)',
    async (problem) => {
      const before = problem.weight.data.slice();
      const saliency = await score(criterion, problem);
      expect([saliency.rows, saliency.cols]).toEqual([problem.weight.rows, problem.weight.cols]);
      expect(saliency.data.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
      expect(problem.weight.data).toEqual(before);
      expect(await score(criterion, problem)).toEqual(saliency);
    },
  );

  test.each(inputs)('gives 0 to a weight that is 0, so that zeros go first ($label)', async (problem) => {
    const data = problem.weight.data.map((value, at) => (at % 3 === 0 ? 0 : value));
    const saliency = await score(criterion, { ...problem, weight: { ...problem.weight, data } });
    expect(data.every((value, at) => value !== 0 || saliency.data[at] === 0)).toBe(true);
  });
});

describe.each(blockMeasures)('measure %s', (_, measure) => {
  const find = async ({ weight, stats }: Problem) => {
    const block = blockOf({ weight, stats, damping: 0.01, algebra: singleAlgebra });
    const [found] = await measure.measureBlock(block, defaults(measure.options));
    return found!;
  };

  test.each([...inputs, ...sparseInputs])(
    'finds what is finite and not negative, the same every time, and leaves the weight alone ($label)',
    async (problem) => {
      const before = problem.weight.data.slice();
      const found = await find(problem);
      const values = 'curve' in found ? found.curve.map(({ error }) => error) : [found.value];
      expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
      expect(problem.weight.data).toEqual(before);
      expect(await find(problem)).toEqual(found);
    },
  );

  test.each(inputs)('gives a curve, if it gives one, that rises with sparsity, within (0, 1) ($label)', async (problem) => {
    const found = await find(problem);
    const curve = 'curve' in found ? found.curve : [];
    expect(curve.every(({ sparsity }) => sparsity > 0 && sparsity < 1)).toBe(true);
    expect(curve.slice(1).every(({ sparsity, error }, i) => sparsity > curve[i].sparsity && error >= curve[i].error)).toBe(true);
  });
});

describe.each(everyAllocator)('allocator %s', (_, { feed, allocate, options }) => {
  const slots = [3, 50, 7, 200, 50, 1].map((out, i) => ({
    name: `w${i}`,
    block: i >> 1,
    kind: i % 2 ? 'q_proj' : 'down_proj',
    out,
    in: 10 + i,
  }));
  const none = { least: new Float64Array(slots.length), most: new Float64Array(slots.length).fill(1) };
  const find = (all: readonly Slot[], values: readonly number[]) =>
    feed ? all.map(({ name }, i) => ({ name, value: values[i], curve: curveTo(values[i]) })) : [];

  test('is fed, if at all, by a measure that gives what it takes', () => {
    const { gives } = feed ? everyMeasure.find(([method]) => method === feed.measure)![1] : { gives: 'value' as const };
    expect(feed === null || isFedBy(feed, { method: feed.measure, gives })).toBe(true);
  });

  test.each([0, 0.3, 0.62, 0.97])('leads to the exact total at %d within any limits, the same every time', (sparsity) => {
    const sizes = slots.map((slot) => slot.out * slot.in);
    const total = Math.round(sparsity * sizes.reduce((sum, size) => sum + size, 0));
    const sensitivities = find(slots, [3, 0, 2, 1, 3, 0.5]);
    const limits = { slots, minimums: sizes.map((size, i) => (i === 1 ? Math.floor(0.2 * sparsity * size) : 0)), fixed: [sparsity] };
    for (const bounds of [{ slots }, limits]) {
      const input = { slots, sparsity, ...shareLimits(bounds), sensitivities };
      const shares = allocate(input, defaults(options));
      expect(shares.length).toBe(slots.length);
      const zeros = exactCounts({ ...bounds, shares, total });
      expect(zeros.reduce((sum, count) => sum + count, 0)).toBe(total);
      expect(zeros.every((count, i) => count >= 0 && count <= sizes[i])).toBe(true);
      expect(allocate(input, defaults(options))).toEqual(shares);
    }
  });

  test('gives no more zeros to a matrix that minds more, of matrices of one shape', () => {
    const alike = slots.map((slot, block) => ({ ...slot, block, kind: 'up_proj', out: 20, in: 20 }));
    const values = [3, 0.5, 2, 1, 7, 4];
    const shares = allocate({ slots: alike, sparsity: 0.4, ...none, sensitivities: find(alike, values) }, defaults(options));
    const byValue = values.map((value, i) => [value, shares[i]] as const).toSorted(([a], [b]) => a - b);
    expect(feed === null || byValue.every(([, share], i) => i === 0 || share <= byValue[i - 1][1] + 1e-12)).toBe(true);
  });
});

const pairs = everySolver.flatMap(([name, solver]) =>
  everyCriterion.map(([scored, criterion]) => ({ pair: `${name} with ${scored}`, solver, criterion })),
);

describe.each(pairs)('solver $pair', ({ solver, criterion }) => {
  describe.each(targets)('at %s', (_, targetOf) => {
    test.each(inputs)(
      'has exactly the zeros asked for and finite weights, before and after rounding to any dtype ($label)',
      async (problem) => {
        const { weight } = problem;
        const before = weight.data.slice();
        const target = targetOf(problem);
        const { weight: solved, mask } = await solve(solver, criterion, problem, target);
        expect(countZeros(mask.data)).toBe(zerosOf(target, problem));
        expect(solved.data.every((value, at) => Number.isFinite(value) && (mask.data[at] === 1 || Object.is(value, 0)))).toBe(true);
        for (const type of ['bf16', 'f16', 'f32'] as const)
          expect(countZeros(settle({ name: 'w', weight: solved, mask, type }).weight.data)).toBe(zerosOf(target, problem));
        if ('m' in target)
          for (let from = 0; from < mask.data.length; from += target.m)
            expect(countZeros(mask.data.slice(from, from + target.m))).toBe(target.m - target.n);
        expect(weight.data).toEqual(before);
      },
    );

    test('is no worse than its mask alone, in the sum over all problems', async () => {
      let [own, maskOnly] = [0, 0];
      for (const problem of inputs) {
        const { weight, stats } = problem;
        const { weight: solved, mask } = await solve(solver, criterion, problem, targetOf(problem));
        const energy = totalError(weight, { ...weight, data: new Float32Array(weight.data.length) }, stats.gram);
        own += totalError(weight, solved, stats.gram) / energy;
        maskOnly += totalError(weight, masked(weight, mask), stats.gram) / energy;
      }
      expect(own).toBeLessThanOrEqual(maskOnly * (1 + 1e-6));
    });
  });

  test.each(inputs)('with nothing to prune returns every weight bit for bit ($label)', async (problem) => {
    for (const target of [{ zeros: 0 }, { n: 4, m: 4 }]) {
      const { weight } = await solve(solver, criterion, problem, target);
      expect(new Uint32Array(weight.data.buffer)).toEqual(new Uint32Array(problem.weight.data.buffer));
    }
  });

  test('gives the same bytes every time', async () => {
    const target = zerosAt(0.5, inputs[0].weight);
    expect(await solve(solver, criterion, inputs[0], target)).toEqual(await solve(solver, criterion, inputs[0], target));
  });
});

describe.each(pairs.flatMap((pair) => scopes.map((scope) => ({ ...pair, scope }))))(
  'solver $pair in $scope scope, given a weight that has zeros',
  ({ solver, criterion, scope }) => {
    const scoped = { ...criterion, scope };

    describe.each(sparseTargets)('at %s', (_, targetOf) => {
      test.each(sparseInputs)('leaves them zero and counts them, to the exact total or in every group ($label)', async (problem) => {
        const source = problem.weight.data;
        const target = targetOf(problem);
        const { weight, mask } = await solve(solver, scoped, problem, target);
        expect(source.every((value, at) => value !== 0 || (mask.data[at] === 0 && Object.is(weight.data[at], 0)))).toBe(true);
        expect(weight.data.every((value, at) => Number.isFinite(value) && (value !== 0) === (mask.data[at] === 1))).toBe(true);
        if ('zeros' in target) expect(countZeros(mask.data)).toBe(target.zeros);
        else
          for (let from = 0; from < source.length; from += target.m) {
            const [own, zeros] = [source, mask.data].map((data) => countZeros(data.slice(from, from + target.m)));
            expect(zeros).toBe(Math.max(target.m - target.n, own));
          }
        expect(settle({ name: 'w', weight, mask, type: 'f32' }).nudged).toBe(0);
      });
    });

    test.each(sparseInputs)('with nothing more to prune returns every other weight bit for bit ($label)', async (problem) => {
      for (const target of [zerosOnTop(0, problem.weight), { n: 4, m: 4 }]) {
        const { weight } = await solve(solver, scoped, problem, target);
        const expected = problem.weight.data.map((value) => (value === 0 ? 0 : value));
        expect(new Uint32Array(weight.data.buffer)).toEqual(new Uint32Array(expected.buffer));
      }
    });

    test.each([...inputs, ...sparseInputs])(
      '9.3: what it pruned, pruned again at the same target with magnitude, stays bit for bit in either scope ($label)',
      async (problem) => {
        for (const target of [zerosOnTop(0.45, problem.weight), { n: 2, m: 4 }]) {
          const { weight } = await solve(solver, scoped, problem, target);
          for (const other of scopes) {
            const again = await solve(solvers.mask, { ...criteria.magnitude, scope: other }, { ...problem, weight }, target);
            expect(new Uint32Array(again.weight.data.buffer)).toEqual(new Uint32Array(weight.data.buffer));
          }
        }
      },
    );
  },
);

describe.each(everyCriterion)('mask only with %s', (_, criterion) => {
  test.each([...inputs, ...sparseInputs])('pruned again at the same target and scope, changes nothing ($label)', async (problem) => {
    for (const scope of scopes)
      for (const target of [zerosOnTop(0.3, problem.weight), zerosOnTop(0.77, problem.weight), { n: 2, m: 4 }, { n: 3, m: 8 }]) {
        const first = await solve(solvers.mask, { ...criterion, scope }, problem, target);
        const again = await solve(solvers.mask, { ...criterion, scope }, { ...problem, weight: first.weight }, target);
        expect(again).toEqual(first);
      }
  });
});
