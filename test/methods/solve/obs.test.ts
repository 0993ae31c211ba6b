import { describe, expect, test } from 'vitest';
import { chooseMask } from '../../../src/methods/mask-rule.ts';
import { obs as criterion } from '../../../src/methods/score/obs.ts';
import { wanda } from '../../../src/methods/score/wanda.ts';
import { leastSquares } from '../../../src/methods/solve/least-squares.ts';
import { obs } from '../../../src/methods/solve/obs.ts';
import type { MaskChoice, Solved, Target } from '../../../src/methods/solver.ts';
import { multiply, toMatrix64 } from '../../../src/tensor/linalg.ts';
import type { Mask } from '../../../src/tensor/matrix.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { plainAlgebra, singleAlgebra } from '../../support/plain-algebra.ts';
import {
  countZeros,
  killInput,
  makeDiagonal,
  makeProblem,
  masked,
  type Problem,
  problems,
  randomMask,
  scaleGram,
  takeColumns,
  takeInputs,
  withZeros,
  zerosAt,
  zerosOnTop,
} from '../../support/problems.ts';
import * as reference from '../../support/reference.ts';

const wide = makeProblem(77, 5, 150);
const all = [...problems, wide];
/** The same, with zeros of either sign in the source: 10 to 60 %, in some rows and inputs hardly any and in others nearly all. */
const sparse = all.map((problem, i) => withZeros(problem, 0.1 * (1 + (i % 6))));

const choosing = (target: Target): MaskChoice => ({
  target,
  columnWeights: (diagonal, factor) => criterion.sequential!(diagonal, factor, { form: 'sequential' }, wide.stats)!,
});

async function sweep(
  { weight, stats }: Problem,
  choice: MaskChoice,
  { blockSize = 128, damping = 0.01, algebra = singleAlgebra } = {},
): Promise<Solved> {
  return obs.solve({ name: 'blk.w', weight, start: weight, choice, stats, damping, algebra }, { blockSize });
}

const maskOf = ({ weight, seed }: Problem) => randomMask(weight, 0.5, createRandom(seed));

describe('obs sweep', () => {
  test.each([...all, ...sparse])(
    'T3: W − V is E·U with E on pruned weights only, as in a sweep of one column at a time ($label)',
    async (problem) => {
      const { weight, stats } = problem;
      const hessian = reference.dampedHessian(stats.gram, 0.01);
      const expected = (mask: Mask) => reference.sweepColumns(weight, mask, reference.upperFactor(hessian));
      for (const choice of [{ mask: maskOf(problem) }, choosing(zerosOnTop(0.5, weight))]) {
        const { weight: swept, mask } = await sweep(problem, choice, { blockSize: 48 });
        expect(reference.worstDifference(swept.data, expected(mask).weight.data)).toBeLessThan(2e-5);
        const difference = toMatrix64({ ...weight, data: weight.data.map((value, at) => value - swept.data[at]) });
        const errors = multiply(difference, reference.upperRoot(hessian));
        const scale = Math.max(...errors.data.map(Math.abs));
        expect(errors.data.every((error, at) => !mask.data[at] || Math.abs(error) < 1e-4 * scale)).toBe(true);
        expect(reference.worstDifference(errors.data, expected(mask).errors.data)).toBeLessThan(1e-4);
      }
    },
  );

  test.each([...all, ...sparse])(
    'T4: the squares of a row of E add up to its error in the damped Hessian, without a half ($label)',
    async (problem) => {
      const { weight, stats } = problem;
      const hessian = reference.dampedHessian(stats.gram, 0.01);
      const { weight: swept, mask } = await sweep(problem, choosing(zerosOnTop(0.5, weight)));
      const { errors } = reference.sweepColumns(weight, mask, reference.upperFactor(hessian));
      for (const [i, error] of reference.rowErrors(weight, swept, hessian).entries()) {
        const squares = errors.data.slice(i * weight.cols, (i + 1) * weight.cols).reduce((sum, e) => sum + e * e, 0);
        expect(Math.abs(error - squares)).toBeLessThanOrEqual(1e-4 * squares);
      }
    },
  );

  test.each(all)('T5: with nothing pruned it returns every weight bit for bit ($label)', async (problem) => {
    const everything = { ...problem.weight, data: new Uint8Array(problem.weight.data.length).fill(1) };
    for (const choice of [choosing({ zeros: 0 }), choosing({ n: 1, m: 1 }), { mask: everything }]) {
      const solved = await sweep(problem, choice, { blockSize: 16 });
      expect(new Uint32Array(solved.weight.data.buffer)).toEqual(new Uint32Array(problem.weight.data.buffer));
      expect(solved.mask).toEqual(everything);
    }
    const negative = { ...problem.weight, data: problem.weight.data.map((value, at) => (at % 5 === 0 ? -0 : value)) };
    const { weight } = await sweep({ ...problem, weight: negative }, { mask: everything }, { blockSize: 16 });
    expect(new Uint32Array(weight.data.buffer)).toEqual(new Uint32Array(negative.data.buffer));
  });

  test.each(sparse)('T5: with only those pruned that are zero it returns every other weight bit for bit ($label)', async (problem) => {
    const { weight, stats } = problem;
    const expected = weight.data.map((value) => (value === 0 ? 0 : value));
    const present = { ...weight, data: Uint8Array.from(weight.data, (value) => (value === 0 ? 0 : 1)) };
    // Not even a product with zeros may be made: an infinity in the factor would show.
    const endless = (gram: typeof stats.gram) => ({
      ...gram,
      data: gram.data.map((value) => (value === 0 ? 0 : Number.POSITIVE_INFINITY)),
    });
    const algebra = {
      ...singleAlgebra,
      async inverseFactor(gram: typeof stats.gram, damping: number) {
        const factor = await singleAlgebra.inverseFactor(gram, damping);
        return { ...factor, factor: endless(factor.factor) };
      },
    };
    for (const choice of [choosing(zerosOnTop(0, weight)), choosing({ n: 1, m: 1 }), { mask: present }])
      for (const blockSize of [7, 16, 128]) {
        const solved = await sweep(problem, choice, { blockSize, algebra });
        expect(new Uint32Array(solved.weight.data.buffer)).toEqual(new Uint32Array(expected.buffer));
        expect(solved.mask).toEqual(present);
      }
  });

  test.each(all)('T6: on a given mask the block size makes no difference ($label)', async (problem) => {
    const mask = maskOf(problem);
    const { weight: whole } = await sweep(problem, { mask }, { blockSize: problem.weight.cols });
    for (const blockSize of [1, 7, 16, 33]) {
      const solved = await sweep(problem, { mask }, { blockSize });
      expect(reference.worstDifference(solved.weight.data, whole.data)).toBeLessThan(2e-5);
      expect(solved.mask).toEqual(mask);
    }
  });

  test.each(problems)('T7: scaling the gram changes neither mask nor weights ($label)', async (problem) => {
    const choice = choosing(zerosAt(0.5, problem.weight));
    const { weight, mask } = await sweep(problem, choice, { blockSize: 16 });
    for (const scale of [2 ** -14, 2 ** 14]) {
      const scaled = await sweep(scaleGram(problem, scale), choice, { blockSize: 16 });
      expect(scaled.mask).toEqual(mask);
      expect(reference.worstDifference(scaled.weight.data, weight.data)).toBeLessThan(1e-5);
    }
  });

  test.each(problems)(
    'T8: with a diagonal gram and no damping it is Wanda on the whole matrix, and kept weights stay ($label)',
    async (problem) => {
      const diagonal = makeDiagonal(problem);
      const { weight, stats } = diagonal;
      const target = zerosAt(0.5, weight);
      const norms = await wanda.score({ weight, stats, damping: 0, algebra: plainAlgebra }, {});
      const expected = chooseMask(norms, weight, target, 'matrix');
      const { weight: swept, mask } = await sweep(diagonal, choosing(target), { blockSize: weight.cols, damping: 0 });
      expect(mask).toEqual(expected);
      expect(swept).toEqual(masked(weight, expected));
    },
  );

  test.each(all)('T13: has exactly the zeros asked for, each block its share ($label)', async (problem) => {
    const { rows, cols } = problem.weight;
    for (const sparsity of [0.1, 0.5, 0.77, 1]) {
      const { zeros } = zerosAt(sparsity, problem.weight);
      const { weight, mask } = await sweep(problem, choosing({ zeros }), { blockSize: 16 });
      expect([countZeros(mask.data), countZeros(weight.data)]).toEqual([zeros, zeros]);
      for (let start = 0; start < cols; start += 16) {
        const width = Math.min(16, cols - start);
        const inBlock = mask.data.filter((kept, at) => kept === 0 && at % cols >= start && at % cols < start + width).length;
        expect(Math.abs(inBlock - (zeros * width) / cols)).toBeLessThan(1);
      }
      expect(weight.rows).toBe(rows);
    }
  });

  test.each(sparse)(
    'T13: zeros of the source stay, count, and bind no block to more than the others where they need not ($label)',
    async (problem) => {
      const { weight: source } = problem;
      const { cols } = source;
      for (const blockSize of [1, 7, 16, 33, 128])
        for (const share of [0.05, 0.4, 1]) {
          const target = zerosOnTop(share, source);
          const { weight, mask } = await sweep(problem, choosing(target), { blockSize });
          expect([countZeros(mask.data), countZeros(weight.data)]).toEqual([target.zeros, target.zeros]);
          expect(mask.data.every((kept, at) => kept === 1 || Object.is(weight.data[at], 0))).toBe(true);
          expect(source.data.every((value, at) => value !== 0 || mask.data[at] === 0)).toBe(true);
          const blocks = Array.from({ length: Math.ceil(cols / blockSize) }, (_, b) => b * blockSize).map((start) => {
            const inside = Array.from(mask.data.keys()).filter((at) => at % cols >= start && at % cols < start + blockSize);
            const [zeros, own] = [mask.data, source.data].map((data) => countZeros(inside.map((at) => data[at])));
            return { size: inside.length, zeros, own };
          });
          const lowest = Math.min(...blocks.map(({ zeros, size }) => (zeros + 1) / size));
          expect(blocks.every(({ zeros, own, size }) => zeros === own || (zeros - 1) / size < lowest)).toBe(true);
        }
    },
  );

  test.each([1, 4, 8, 32, 40])(
    'T13: with n:m a group has m - n zeros, or those it has in the source where they are more (blocks of %i times m)',
    async (times) => {
      for (const [i, { n, m }] of [
        { n: 2, m: 4 },
        { n: 1, m: 4 },
        { n: 7, m: 8 },
        { n: 3, m: 5 },
      ].entries()) {
        const problem = withZeros(makeProblem(60 + i, 9, 15 * m), 0.15 * (i + 1));
        const { weight: swept, mask } = await sweep(problem, choosing({ n, m }), { blockSize: times * m });
        expect(mask.data.every((kept, at) => kept === (swept.data[at] === 0 ? 0 : 1))).toBe(true);
        expect(problem.weight.data.every((value, at) => value !== 0 || Object.is(swept.data[at], 0))).toBe(true);
        for (let from = 0; from < mask.data.length; from += m) {
          const [own, zeros] = [problem.weight.data, mask.data].map((data) => countZeros(data.slice(from, from + m)));
          expect(zeros).toBe(Math.max(m - n, own));
        }
      }
    },
  );

  test.each(sparse)(
    '9.3: what it pruned, pruned again to the same target, stays bit for bit, whatever the blocks ($label)',
    async (problem) => {
      const target = zerosOnTop(0.4, problem.weight);
      const { weight, mask } = await sweep(problem, choosing(target), { blockSize: 16 });
      for (const blockSize of [5, 16, 128]) {
        const again = await sweep({ ...problem, weight }, choosing(target), { blockSize });
        expect(new Uint32Array(again.weight.data.buffer)).toEqual(new Uint32Array(weight.data.buffer));
        expect(again.mask).toEqual(mask);
      }
    },
  );

  test('to ask for fewer zeros than there are is a bug', async () => {
    const problem = withZeros(makeProblem(4, 12, 30), 0.4);
    await expect(sweep(problem, choosing({ zeros: countZeros(problem.weight.data) - 1 }))).rejects.toThrow(RangeError);
  });

  test.each([
    { n: 2, m: 4 },
    { n: 1, m: 4 },
    { n: 4, m: 8 },
    { n: 3, m: 5 },
    { n: 24, m: 40 },
    { n: 2, m: 2 },
  ])('T13: keeps $n of every $m inputs of a row, chosen from weights that carry the updates so far', async ({ n, m }) => {
    for (const seed of [1, 2, 3]) {
      const problem = makeProblem(seed, 7, 3 * m * (m < 10 ? 5 : 1));
      const { weight, stats } = problem;
      const { cols } = weight;
      const { weight: swept, mask } = await sweep(problem, choosing({ n, m }), { blockSize: 2 * m });
      const factor = reference.upperFactor(reference.dampedHessian(stats.gram, 0.01));
      for (let from = 0; from < cols; from += m) {
        const group = Array.from({ length: m }, (_, k) => from + k);
        const before = { ...mask, data: mask.data.map((kept, at) => (at % cols < from ? kept : 1)) };
        const current = reference.sweepColumns(weight, before, factor).weight.data;
        for (let i = 0; i < weight.rows; i++) {
          const saliency = (j: number) => (current[i * cols + j] / factor.data[j * (cols + 1)]) ** 2;
          const [kept, pruned] = [1, 0].map((flag) => group.filter((j) => mask.data[i * cols + j] === flag).map(saliency));
          expect(kept).toHaveLength(n);
          expect(Math.min(...kept)).toBeGreaterThan(Math.max(0, ...pruned) * (1 - 1e-3));
        }
      }
      expect(countZeros(swept.data)).toBe((weight.rows * cols * (m - n)) / m);
    }
  });

  test.each(problems.slice(0, 8))('T16: a dead input is pruned first and changes nothing for the others ($label)', async (problem) => {
    const { rows, cols } = problem.weight;
    const others = Array.from({ length: cols }, (_, j) => j).filter((j) => j !== 5);
    const without = takeInputs(problem, others);
    const { zeros } = zerosAt(0.4, without.weight);
    const here = await sweep(killInput(problem, 5), choosing({ zeros: zeros + rows }));
    const there = await sweep(without, choosing({ zeros }));
    expect(countZeros(takeColumns(here.weight, [5]).data)).toBe(rows);
    expect(reference.worstDifference(takeColumns(here.weight, others).data, there.weight.data)).toBeLessThan(1e-5);
  });

  test('T16: where there are more dead weights than zeros, the surplus keeps its values', async () => {
    const problem = killInput(makeProblem(3, 10, 20), 4);
    const { weight, mask } = await sweep(problem, choosing({ zeros: 6 }));
    expect(countZeros(takeColumns(weight, [4]).data)).toBe(6);
    expect(weight).toEqual(masked(problem.weight, mask));
  });

  test('weights that are zero already go first', async () => {
    const { weight, stats } = makeProblem(4, 12, 30);
    const sparse = { ...weight, data: weight.data.map((value, at) => (at % 3 === 0 ? 0 : value)) };
    const { weight: swept, mask } = await obs.solve(
      { name: 'w', weight: sparse, start: sparse, choice: choosing({ zeros: 120 }), stats, damping: 0.01, algebra: singleAlgebra },
      { blockSize: 128 },
    );
    expect(swept).toEqual(sparse);
    expect(Array.from(mask.data)).toEqual(Array.from({ length: 360 }, (_, at) => (at % 3 === 0 ? 0 : 1)));
  });

  test.each(all)('I2: in total it beats the mask alone on the mask it chose and on a random one ($label)', async (problem) => {
    const { weight, stats } = problem;
    const hessian = reference.dampedHessian(stats.gram, 0.01);
    for (const choice of [choosing(zerosAt(0.5, weight)), { mask: maskOf(problem) }]) {
      const { weight: swept, mask } = await sweep(problem, choice);
      expect(reference.totalError(weight, swept, hessian)).toBeLessThanOrEqual(reference.totalError(weight, masked(weight, mask), hessian));
    }
  });

  // On fewer inputs there is too little to the right to make up for the first columns.
  test.each(all.filter(({ weight }) => weight.cols >= 32))('I3: it beats Wanda, each on its own mask ($label)', async (problem) => {
    const { weight, stats } = problem;
    const target = zerosAt(0.5, weight);
    const { weight: swept } = await sweep(problem, choosing(target));
    const norms = await wanda.score({ weight, stats, damping: 0, algebra: plainAlgebra }, {});
    const kept = masked(weight, chooseMask(norms, weight, target, 'row'));
    expect(reference.totalError(weight, swept, stats.gram)).toBeLessThan(reference.totalError(weight, kept, stats.gram));
  });

  test('I7: with 4 of 8 weights kept nothing goes below the best of all 70 masks, and least squares after it often gets there', async () => {
    const masks = Array.from({ length: 256 }, (_, bits) => Uint8Array.from({ length: 8 }, (_, j) => (bits >> j) & 1)).filter(
      (data) => countZeros(data) === 4,
    );
    expect(masks).toHaveLength(70);
    let nReached = 0;
    for (let seed = 0; seed < 60; seed++) {
      const problem = makeProblem(500 + seed, 1, 8);
      const { weight, stats } = problem;
      const hessian = reference.dampedHessian(stats.gram, 0.01);
      const errors = masks.map((data) => {
        const mask = { rows: 1, cols: 8, data };
        return reference.totalError(weight, reference.leastSquares(weight, mask, hessian), hessian);
      });
      const best = Math.min(...errors);
      const { weight: start, mask } = await sweep(problem, choosing({ zeros: 4 }));
      const finished = await leastSquares.solve(
        { name: 'w', weight, start, choice: { mask }, stats, damping: 0.01, algebra: singleAlgebra },
        { iterations: 50 },
      );
      const [swept, final] = [start, finished.weight].map((pruned) => reference.totalError(weight, pruned, hessian));
      expect(swept).toBeGreaterThan(best * (1 - 1e-5));
      expect(final).toBeGreaterThan(best * (1 - 1e-5));
      if (final < best * 1.001) nReached++;
    }
    expect(nReached).toBeGreaterThan(15);
  });

  test('I8: at equal zeros freer patterns are better, in the sum over problems', async () => {
    const sums = [0, 0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const problem = makeProblem(200 + seed, 9, 40);
      const { weight, stats } = problem;
      const energy = reference.totalError(weight, { ...weight, data: new Float32Array(360) }, stats.gram);
      for (const [i, target] of [{ zeros: 180 }, { n: 4, m: 8 }, { n: 2, m: 4 }].entries())
        sums[i] += reference.totalError(weight, (await sweep(problem, choosing(target))).weight, stats.gram) / energy;
    }
    expect(sums[0]).toBeLessThan(sums[1]);
    expect(sums[1]).toBeLessThan(sums[2]);
  });

  test('reports the damping it took', async () => {
    const twins = takeInputs(makeProblem(6, 4, 20), [...Array.from({ length: 20 }, (_, j) => j), 4, 4]);
    expect((await sweep(twins, choosing({ zeros: 40 }))).damping).toBe(0.01);
    expect((await sweep(twins, choosing({ zeros: 40 }), { damping: 0 })).damping).toBeGreaterThan(0);
  });

  test('refuses what it cannot cut into groups, and the gram of another linear', async () => {
    const problem = makeProblem(1, 3, 24);
    await expect(sweep(problem, choosing({ n: 2, m: 4 }), { blockSize: 18 })).rejects.toMatchObject({
      code: 'BAD_RECIPE',
      message: 'blk.w: blockSize 18 is not a multiple of 4, as 2:4 needs',
    });
    await expect(sweep(problem, choosing({ n: 2, m: 5 }), { blockSize: 5 })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(sweep({ ...problem, stats: problems[0].stats }, choosing({ zeros: 1 }))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });
});
