/** A lab of one block whose linears are given, for measures that look at the model as a whole. */

import type { Lab } from '../../src/methods/lab.ts';
import { blockOf } from './blocks.ts';
import { singleAlgebra } from './plain-algebra.ts';
import type { Problem } from './problems.ts';

/** What is not given is not lent: to ask for it fails. A trial loses as much as its number says. */
export function fakeLab(problems: readonly Problem[], lent: Partial<Lab> = {}): Lab {
  const block = blockOf(...problems.map(({ weight, stats }) => ({ weight, stats, damping: 0.01, algebra: singleAlgebra })));
  const refuse = async () => {
    throw new Error('not lent');
  };
  return {
    slots: block.linears.map(({ slot }) => slot),
    windows: 4,
    length: 50,
    seed: 3,
    damping: 0.01,
    algebra: singleAlgebra,
    eachBlock: async (_, look) => look(block),
    gradientNorms: refuse,
    outputGradients: refuse,
    meanGradientNorms: refuse,
    curvatures: refuse,
    prune: refuse,
    async tryOut(request) {
      await request.propose(block);
      return request.spans.map((_, trial) => ({ kl: trial, nll: trial / 2 }));
    },
    seeds: refuse,
    elapsedMs: () => 0,
    keep: () => {},
    kept: () => undefined,
    stage: () => {},
    report: () => {},
    found: () => {},
    ...lent,
  };
}
