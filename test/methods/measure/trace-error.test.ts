import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { errorAt } from '../../../src/methods/error-curve.ts';
import type { CurvatureRequest, GradientRequest, Lab } from '../../../src/methods/lab.ts';
import { traceError } from '../../../src/methods/measure/trace-error.ts';
import { obsSaliency } from '../../../src/methods/obs-saliency.ts';
import { fakeLab } from '../../support/fake-lab.ts';
import { singleAlgebra } from '../../support/plain-algebra.ts';
import { makeProblem, type Problem } from '../../support/problems.ts';

const problems = [makeProblem(1, 7, 20), makeProblem(2, 5, 31)];

const curvesOf = async (lab: Lab, options: Record<string, unknown> = {}) => {
  const { measured } = await traceError.measureModel(lab, v.parse(traceError.options, options));
  return measured.map((found) => ('curve' in found ? found.curve : []));
};

/** The squares of the least salient weights, by a sort. */
async function lost({ weight, stats }: Problem, sparsity: number): Promise<number> {
  const { data } = await obsSaliency(weight, stats.gram, 0.01, singleAlgebra);
  const order = Array.from(data.keys()).toSorted((a, b) => data[a] - data[b]);
  return order.slice(0, Math.round(sparsity * order.length)).reduce((sum, at) => sum + weight.data[at] ** 2, 0);
}

describe('trace-error', () => {
  it('is half the Fisher trace of one token, a weight, times the squares of the weights that go', async () => {
    let asked: GradientRequest | undefined;
    const lab = fakeLab(problems, {
      async gradientNorms(request) {
        asked = request;
        return [Float64Array.of(3, 10), Float64Array.of(5, 2)];
      },
    });
    const curves = await curvesOf(lab, { length: 500 });
    expect(asked).toMatchObject({ labels: 'sampled', windows: 16, length: 500, seed: 3 });
    // Windows have 50 tokens and 49 predictions, whatever length was asked for.
    const traces = [8 / (2 * 49), 12 / (2 * 49)];
    for (const [k, problem] of problems.entries())
      for (const sparsity of [0.25, 0.5, 0.9]) {
        const expected = (traces[k] / problem.weight.data.length / 2) * (await lost(problem, sparsity));
        expect(errorAt(curves[k], sparsity) / expected).toBeCloseTo(1, 6);
      }
  });

  it('takes the size of the mean Hessian trace where that is asked for', async () => {
    const lab = fakeLab(problems, {
      curvatures: async ({ law, seeds }) => {
        expect(law).toBe('rademacher');
        return seeds.map((_, i) => (i === 0 ? Float64Array.of(6, -1) : Float64Array.of(2, -3)));
      },
    });
    const curves = await curvesOf(lab, { trace: 'hessian', probes: 2 });
    for (const [k, trace] of [4, 2].entries()) {
      const expected = (trace / problems[k].weight.data.length / 2) * (await lost(problems[k], 0.5));
      expect(errorAt(curves[k], 0.5) / expected).toBeCloseTo(1, 6);
    }
  });

  it('draws as many probes as asked for, a few at a time, on other windows each time, none of them those of another calibration', async () => {
    const probesOf = async (seed: number) => {
      const asked: CurvatureRequest[] = [];
      const lab = fakeLab(problems, {
        seed,
        async curvatures(request) {
          asked.push(request);
          return request.seeds.map(() => Float64Array.of(1, 1));
        },
      });
      await curvesOf(lab, { trace: 'hessian', probes: 10, windows: 3 });
      return asked;
    };
    const asked = await probesOf(0);
    expect(asked.map(({ seeds, firstWindow }) => [seeds.length, firstWindow])).toEqual([
      [4, 0],
      [4, 3],
      [2, 6],
    ]);
    const seeds = [...asked, ...(await probesOf(1))].flatMap((request) => request.seeds);
    expect(new Set(seeds).size).toBe(20);
  });
});
