/** A decoder block that is one linear, as a block solver is lent it: its output X·Vᵀ is known by its gram alone, in every window alike. */

import type { Region } from '../../src/methods/solver.ts';
import { multiply, toMatrix64 } from '../../src/tensor/linalg.ts';
import type { Mask, Matrix } from '../../src/tensor/matrix.ts';
import type { Problem } from './problems.ts';

/** @param choose  the mask of a weight */
export function linearRegion({ weight, stats }: Problem, choose: (now: Matrix) => Promise<Mask>): Region {
  const hessian = toMatrix64(stats.gram);
  return {
    windows: stats.windows,
    async outputError(_window, [now], [gradient]) {
      const difference = toMatrix64({ ...weight, data: now.data.map((value, at) => value - weight.data[at]) });
      const product = multiply(difference, hessian);
      gradient.data.set(product.data.map((value) => (2 * value) / stats.windows));
      return product.data.reduce((sum, value, at) => sum + value * difference.data[at], 0) / stats.windows;
    },
    chooseMasks: async ([now]) => [await choose(now)],
  };
}
