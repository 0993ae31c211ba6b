/** Regional optimisation: masks and weights of a whole decoder block, bettered in turns against the block's dense output. */

import * as v from 'valibot';
import { createMatrix, type Mask, type Matrix } from '../../tensor/matrix.ts';
import type { Random } from '../../tensor/random.ts';
import { type BlockSolveInput, defineBlockSolver } from '../solver.ts';

/** Of RMSprop: how much of the running mean of squares stays at each step, and what keeps a division from going wild. */
const memory = 0.99;
const epsilon = 1e-8;

/**
 * In every round the block is pruned by the recipe's criterion, as its weights are now; then, for each of some windows drawn at random,
 * `W -= rate · g / (√v + 1e-8)`, `v = 0.99·v + 0.01·g²`, g the gradient of ‖f(X) − dense f(X)‖². All weights of the pruned linears move,
 * those at zero too, so that the next round may choose others. After the last round the block is pruned once more.
 *
 * Weights are kept in f32 throughout. Biases, norms and linears that are not pruned stay as they are, while the paper moves all
 * parameters of the block: a checkpoint changes in nothing but the matrices that its budget names. A gradient is that of its own window,
 * where the code that is public adds up those of all windows before.
 *
 * @see  Yang et al. 2025, "Wanda++: Pruning Large Language Models via Regional Gradients", arXiv:2503.04992, sec. 4
 */
export const regional = defineBlockSolver({
  title: 'Regional optimisation',
  summary:
    'Prunes a decoder block, then lets gradients pull its output towards that of the dense block, in several rounds; with the criterion wanda++ this is Wanda++. Only the pruned matrices move, not norms and biases; a true-sequential flow is block-sequential here.',
  formula: 'K rounds: prune by S; W ← W − rate · RMSprop(∂‖f(X_n; W) − f(X_n; W_dense)‖²/∂W), n drawn at random; then prune by S',
  paper: 'arXiv:2503.04992',
  scope: 'block',
  options: v.strictObject({
    rounds: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(100),
        v.description('How often the block is pruned and then bettered; each prunes on the inputs as they have become.'),
      ),
      5,
    ),
    windows: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(65_536),
        v.description('Calibration windows that are drawn in each round, a step for each; where there are fewer, some come again.'),
      ),
      32,
    ),
    rate: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(0.1),
        v.description(
          'How far a weight moves in a step, about. The paper’s is for models with billions of weights; for small ones try 0.0001.',
        ),
      ),
      3e-7,
    ),
  }),
  calls: ({ rounds, windows }) => ({ outputErrors: rounds * windows, chooseMasks: rounds + 1 }),
  async solve({ linears, region, random, report }, { rounds, windows, rate }) {
    const weights = linears.map(({ weight }) => ({ ...weight, data: weight.data.slice() }));
    const squares = linears.map(({ weight }) => new Float32Array(weight.data.length));
    const gradients = linears.map(({ weight }) => createMatrix(weight.rows, weight.cols));
    for (let round = 0; round < rounds; round++) {
      await prune(weights, region);
      for (const [step, window] of draw(region.windows, windows, random).entries()) {
        await region.outputError(window, weights, gradients);
        for (const [i, weight] of weights.entries()) descend(weight, gradients[i], squares[i], rate);
        report((round + (step + 1) / windows) / rounds);
      }
    }
    const masks = await prune(weights, region);
    return weights.map((weight, i) => ({ weight, mask: masks[i], damping: 0 }));
  },
});

async function prune(weights: readonly Matrix[], region: BlockSolveInput['region']): Promise<readonly Mask[]> {
  const masks = await region.chooseMasks(weights);
  for (const [i, { data }] of weights.entries()) for (let at = 0; at < data.length; at++) if (!masks[i].data[at]) data[at] = 0;
  return masks;
}

/** Windows in an order of chance: none comes again before all have come. */
function draw(nWindows: number, count: number, random: Random): number[] {
  const drawn: number[] = [];
  while (drawn.length < count) {
    const order = Array.from({ length: nWindows }, (_, i) => i);
    for (let i = 0; i < nWindows && drawn.length < count; i++) {
      const j = i + random.below(nWindows - i);
      [order[i], order[j]] = [order[j], order[i]];
      drawn.push(order[i]);
    }
  }
  return drawn;
}

function descend({ data: w }: Matrix, { data: g }: Matrix, squares: Float32Array, rate: number): void {
  for (let at = 0; at < w.length; at++) {
    squares[at] = memory * squares[at] + (1 - memory) * g[at] ** 2;
    w[at] -= (rate * g[at]) / (Math.sqrt(squares[at]) + epsilon);
  }
}
