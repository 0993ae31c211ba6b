/** Gradients within one decoder block: of its output's norm, and of how far weights that are being changed move its output. */

import type { Linear } from '../families/family.ts';
import { feeding } from '../graph/feed.ts';
import { buildGraph, type GraphBuilder, type Value } from '../graph/ir.ts';
import { reverse } from '../graph/reverse.ts';
import type { Region } from '../methods/solver.ts';
import { createMatrix, type Matrix } from '../tensor/matrix.ts';
import { throwIfCancelled } from './context.ts';
import type { Forward } from './forward.ts';
import type { HiddenStates } from './hidden.ts';
import { compileOutputs } from './programs.ts';

/**
 * The statistic `blockGradient` of each linear, over all windows, by its tensor: `sqrt(mean gₙ²)`, gₙ = ∂‖f(Xₙ)‖₂/∂W, f the block as its
 * weights are now.
 */
export async function blockGradients(
  forward: Forward,
  block: number,
  hidden: HiddenStates,
  linears: readonly Linear[],
  onWindow: (done: number) => void,
): Promise<Map<string, Matrix>> {
  const { model, signal } = forward;
  const { length, width, windows } = hidden;
  const graph = buildGraph((builder) => {
    builder.output('energy', energy(builder, model.block(builder, block, builder.input('hidden', [length, width])).hidden));
  });
  const gradients = linears.map((linear) => createMatrix(linear.out, linear.in));
  const sums = linears.map((linear) => createMatrix(linear.out, linear.in));
  const tensors = linears.map((linear) => linear.tensor);
  const total = new Float32Array(1);
  const into = { energy: total, ...byName(tensors.map(gradientOf), gradients) };
  // The gradient of half the square of a norm is that of the norm, times the norm.
  const half = Float32Array.of(0.5);
  await using program = await compileOutputs(reverse(graph, { of: ['energy'], wrt: tensors }), Object.keys(into), forward);
  for (let w = 0; w < windows; w++) {
    throwIfCancelled(signal);
    await program.run({ hidden: hidden.read(w), '∂energy': half }, into);
    // An output of nothing but zeros has no direction in which it would grow.
    if (total[0] > 0) for (const [i, sum] of sums.entries()) addSquares(sum, gradients[i], 1 / (windows * total[0]));
    onWindow(w + 1);
  }
  return new Map(sums.map(({ rows, cols, data }, i) => [tensors[i], { rows, cols, data: data.map(Math.sqrt) }]));
}

export interface OpenRegion extends AsyncDisposable {
  readonly outputError: Region['outputError'];
}

/** Makes ready to change the weights of some linears of a block, f32, one a linear; those in the files are what the output is held against. */
export async function openRegion(forward: Forward, block: number, hidden: HiddenStates, linears: readonly Linear[]): Promise<OpenRegion> {
  const { model, signal } = forward;
  const tensors = linears.map((linear) => linear.tensor);
  const graph = buildGraph((builder) => {
    const entering = builder.input('hidden', [hidden.length, hidden.width]);
    const output = (writer: GraphBuilder) => model.block(writer, block, entering).hidden;
    const minusDense = builder.op('affine', [output(builder)], { scale: -1, shift: 0 });
    const now = output(feeding(builder, new Set(tensors), nowOf));
    builder.output('energy', energy(builder, builder.op('add', [now, minusDense], {})));
  });
  const [names, gradientNames] = [tensors.map(nowOf), tensors.map((tensor) => gradientOf(nowOf(tensor)))];
  const program = await compileOutputs(reverse(graph, { of: ['energy'], wrt: names }), ['energy', ...gradientNames], forward);
  const total = new Float32Array(1);
  const one = Float32Array.of(1);
  return {
    async outputError(window, weights, gradients) {
      throwIfCancelled(signal);
      const feeds = { hidden: hidden.read(window), '∂energy': one, ...byName(names, weights) };
      await program.run(feeds, { energy: total, ...byName(gradientNames, gradients) });
      return total[0];
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** Σ x², `[1]`. */
function energy(builder: GraphBuilder, x: Value): Value {
  return builder.op('sumTo', [builder.op('mul', [x, x], {})], { shape: [1] });
}

const gradientOf = (name: string) => `∂${name}`;
/** The input for a weight that may have become another than the one in the files. */
const nowOf = (tensor: string) => `now ${tensor}`;

function byName(names: readonly string[], matrices: readonly Matrix[]): Record<string, Float32Array> {
  return Object.fromEntries(matrices.map(({ data }, i) => [names[i], data]));
}

function addSquares({ data: sum }: Matrix, { data: gradient }: Matrix, scale: number): void {
  for (let at = 0; at < sum.length; at++) sum[at] += gradient[at] ** 2 * scale;
}
