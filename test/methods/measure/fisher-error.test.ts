import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { errorAt } from '../../../src/methods/error-curve.ts';
import type { Lab } from '../../../src/methods/lab.ts';
import { fisherError } from '../../../src/methods/measure/fisher-error.ts';
import type { Measured } from '../../../src/methods/sensitivity.ts';
import { fakeLab } from '../../support/fake-lab.ts';
import { makeProblem } from '../../support/problems.ts';
import { rowErrors } from '../../support/reference.ts';

const problems = [makeProblem(1, 7, 20), makeProblem(2, 5, 31)];
const gradients = problems.map(({ weight }) => Float64Array.from({ length: weight.rows }, (_, i) => 1e-4 * (i + 1) ** 2));

/** As if the first weights of every row went. */
const prune: Lab['prune'] = async ({ weight }, sparsity) => ({
  ...weight,
  data: weight.data.map((value, at) => (at % weight.cols < sparsity * weight.cols ? 0 : value)),
});

const lend = (changes: Partial<Lab> = {}) => fakeLab(problems, { outputGradients: async () => gradients, prune, ...changes });

const curvesOf = async (lab: Lab) => {
  const { measured } = await fisherError.measureModel(lab, v.parse(fisherError.options, {}));
  return measured.map((found) => ('curve' in found ? found.curve : []));
};

describe('fisher-error', () => {
  it('is half the errors of the outputs, each times its mean square gradient, a token', async () => {
    const curves = await curvesOf(lend());
    for (const [k, { weight, stats }] of problems.entries())
      for (const sparsity of [0.4, 0.6, 0.8]) {
        const pruned = await prune({ weight } as Parameters<typeof prune>[0], sparsity);
        const expected = rowErrors(weight, pruned, stats.gram).reduce((sum, error, i) => sum + error * gradients[k][i], 0) / (2 * 4 * 50);
        expect(errorAt(curves[k], sparsity) / expected).toBeCloseTo(1, 4);
      }
  });

  it('asks for labels that the model draws, and tells every matrix at once', async () => {
    const heard = new Map<number, Measured>();
    let asked: Parameters<Lab['outputGradients']>[0] | undefined;
    const lab = lend({
      async outputGradients(request) {
        asked = request;
        return gradients;
      },
      found(found) {
        for (const [slot, value] of found) heard.set(slot, value);
      },
    });
    const curves = await curvesOf(lab);
    expect(asked).toEqual({ windows: 16, length: 512, labels: 'sampled', seed: 3 });
    expect([...heard].map(([slot, value]) => [slot, 'curve' in value && value.curve])).toEqual([...curves.entries()]);
  });

  it('makes joint trials, and tells what its own curves add up to beside what each came to', async () => {
    const { measured, joint } = await fisherError.measureModel(lend(), v.parse(fisherError.options, { joint: 6 }));
    expect(joint?.map(({ kl, nll }) => [kl, nll])).toEqual([0, 1, 2, 3, 4, 5].map((trial) => [trial, trial / 2]));
    const most = measured.reduce((sum, found) => sum + ('curve' in found ? errorAt(found.curve, 0.8) : 0), 0);
    for (const { predicted } of joint!) expect(predicted >= 0 && predicted <= most).toBe(true);
    expect(await fisherError.measureModel(lend(), v.parse(fisherError.options, { joint: 0 }))).toEqual({ measured });
  });

  it('is twice as much where gradients are the root of two larger', async () => {
    const [once, twice] = [
      await curvesOf(lend()),
      await curvesOf(lend({ outputGradients: async () => gradients.map((own) => own.map((g) => 2 * g)) })),
    ];
    for (const [k, curve] of once.entries()) expect(errorAt(twice[k], 0.6)).toBeCloseTo(2 * errorAt(curve, 0.6), 10);
  });
});
