/** Gradients and curvatures of the whole model, a block in memory at a time. */

import { SecateurError } from '../error.ts';
import type { Linear } from '../families/family.ts';
import type { CurvatureRequest, GradientRequest, MeanGradientRequest } from '../methods/lab.ts';
import type { Matrix } from '../tensor/matrix.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { createRandoms, drawProbe } from './draws.ts';
import { type GradientWalk, type Reading, walkGradients } from './gradient-walk.ts';
import type { Labels } from './loss.ts';
import { curvature, gramNorm, squaredNorm, type WriteNumber } from './readings.ts';
import type { Windows } from './texts.ts';
import { countPredictions, readPassage, type Tokens } from './tokens.ts';

type Source = Pick<Checkpoint, 'model' | 'weights' | 'linears'>;

/** ‖∂L/∂W‖² of every slot for each window, L the loss summed over the window's predictions: f64 `[windows][slots]`. */
export async function gradientNorms(source: Source, text: Windows, request: GradientRequest, ctx: Context): Promise<Float64Array[]> {
  const tokens = readPassage(text, request);
  const norms = Array.from({ length: tokens.windows }, () => new Float64Array(source.linears.length));
  const form = request.form === 'gram' ? gramNorm : squaredNorm;
  const read = readNumbers(source, form, (window, slot, value) => {
    norms[window][slot] = value;
    if (window === tokens.windows - 1) request.onSlot?.(slot, columnOf(norms, slot));
  });
  await walk(source, tokens, { labels: labelsOf(request, tokens), by: request.form === 'gram' ? 'outputs' : 'weights', read }, ctx);
  return norms;
}

/**
 * Mean over all predictions of (∂L/∂y)² of every output of a slot, y = Wx: f64 `[slots][out]`. L is the loss summed over the window, and y at
 * a position moves the loss of many; with sampled labels the products of two tokens' gradients vanish in expectation, so that what is left is
 * the sum over tokens of each one's square.
 */
export async function outputGradients(
  source: Source,
  text: Windows,
  request: Omit<GradientRequest, 'form' | 'onSlot'>,
  ctx: Context,
): Promise<Float64Array[]> {
  const tokens = readPassage(text, request);
  const sums = source.linears.map(({ out }) => new Float64Array(out));
  const read: GradientWalk['read'] = (builder, values, block) => {
    const outputs = slotsOf(source, block).map(({ linear, slot }) => {
      const gradient = values.outputGradient(linear);
      builder.output(linear.tensor, builder.op('sumTo', [builder.op('mul', [gradient, gradient], {})], { shape: [linear.out] }));
      return { slot, name: linear.tensor, squares: new Float32Array(linear.out) };
    });
    return {
      into: Object.fromEntries(outputs.map(({ name, squares }) => [name, squares])),
      onRun: () => {
        for (const { slot, squares } of outputs) for (const [o, square] of squares.entries()) sums[slot][o] += square;
      },
    };
  };
  await walk(source, tokens, { labels: labelsOf(request, tokens), by: 'outputs', read }, ctx);
  const predictions = countPredictions(tokens);
  return sums.map((sum) => sum.map((value) => value / predictions));
}

/** ‖∂L/∂W‖² of every slot, L the mean loss over all predictions of the passage: f64 `[slots]`. */
export async function meanGradientNorms(source: Source, text: Windows, request: MeanGradientRequest, ctx: Context): Promise<Float64Array> {
  const norms = new Float64Array(source.linears.length);
  const sums = new Map<number, Float64Array>();
  const tokens = readPassage(text, request);
  await eachGradient(source, text, { ...request, labels: 'text', seed: 0 }, ctx, ({ slot, window, gradient }) => {
    const sum = sums.get(slot) ?? new Float64Array(gradient.data.length);
    for (let i = 0; i < sum.length; i++) sum[i] += gradient.data[i];
    sums.set(slot, sum);
    if (window < tokens.windows - 1) return;
    norms[slot] = sum.reduce((total, value) => total + value ** 2, 0) / countPredictions(tokens) ** 2;
    sums.delete(slot);
    request.onSlot?.(slot, norms[slot]);
  });
  return norms;
}

/** One window's gradient of one matrix. */
export interface WindowGradient {
  readonly linear: Linear;
  /** Its index among all prunable linears. */
  readonly slot: number;
  readonly window: number;
  /** ∂L/∂W, L the loss summed over the window's predictions, f32 `[out, in]`; valid until the call returns. */
  readonly gradient: Matrix;
}

/** Hands over the gradient of every matrix for each window: all windows of the last block first, window by window, then the one before. */
export async function eachGradient(
  source: Source,
  text: Windows,
  request: Omit<GradientRequest, 'form' | 'onSlot'>,
  ctx: Context,
  look: (found: WindowGradient) => void,
): Promise<void> {
  const tokens = readPassage(text, request);
  const read: GradientWalk['read'] = (builder, values, block) => {
    const outputs = slotsOf(source, block).map(({ linear, slot }) => {
      builder.output(linear.tensor, values.gradient(linear));
      const gradient = { rows: linear.out, cols: linear.in, data: new Float32Array(linear.out * linear.in) };
      return { linear, slot, gradient };
    });
    return {
      into: Object.fromEntries(outputs.map(({ linear, gradient }) => [linear.tensor, gradient.data])),
      onRun(window) {
        for (const output of outputs) look({ ...output, window });
      },
    };
  };
  await walk(source, tokens, { labels: labelsOf(request, tokens), by: 'weights', read }, ctx);
}

/** zᵀHz of every slot for each probe, H the Hessian of the mean loss over the passage: f64 `[probes][slots]`. */
export async function curvatures(source: Source, text: Windows, request: CurvatureRequest, ctx: Context): Promise<Float64Array[]> {
  const { law, seeds, firstWindow } = request;
  const tokens = readPassage(text, request, firstWindow);
  const found = seeds.map(() => new Float64Array(source.linears.length));
  const predictions = countPredictions(tokens);
  const indices = new Map(source.linears.map((linear, slot) => [linear.tensor, slot]));
  const probes = seeds.map((seed) => (linear: Linear) => {
    const randoms = createRandoms(seed, source.linears.length);
    return drawProbe(law, randoms[indices.get(linear.tensor)!], linear.out * linear.in);
  });
  const read = readNumbers(source, curvature, (window, slot, value, probe) => {
    found[probe][slot] += value / predictions;
    if (window === tokens.windows - 1 && probe === seeds.length - 1) request.onSlot?.(slot, columnOf(found, slot));
  });
  await walk(source, tokens, { labels: 'text', by: 'outputs', probes, read }, ctx);
  return found;
}

function walk(
  source: Source,
  tokens: Tokens,
  how: Pick<GradientWalk, 'labels' | 'by' | 'read'> & Partial<Pick<GradientWalk, 'probes'>>,
  ctx: Context,
): Promise<void> {
  const onProgress = (done: number, detail: string) => ctx.onProgress({ step: 'measure', done, total: 1, unit: 'parts', detail });
  return walkGradients({ source, tokens, probes: [], ...how, onProgress }, ctx);
}

function labelsOf({ labels, seed }: Pick<GradientRequest, 'labels' | 'seed'>, { windows }: Tokens): Labels {
  return labels === 'text' ? labels : createRandoms(seed, windows);
}

function slotsOf({ model, linears }: Source, block: number): { readonly linear: Linear; readonly slot: number }[] {
  const indices = new Map(linears.map(({ tensor }, slot) => [tensor, slot]));
  return model.linears(block).map((linear) => ({ linear, slot: indices.get(linear.tensor)! }));
}

function columnOf(rows: readonly Float64Array[], column: number): Float64Array {
  return Float64Array.from(rows, (row) => row[column]);
}

/** Reads one number of every linear from each run. */
function readNumbers(
  source: Source,
  write: WriteNumber,
  take: (window: number, slot: number, value: number, probe: number) => void,
): GradientWalk['read'] {
  return (builder, values, block): Reading => {
    const outputs = slotsOf(source, block).map(({ linear, slot }) => {
      builder.output(linear.tensor, write(builder, values, linear));
      return { name: linear.tensor, slot, value: new Float32Array(1) };
    });
    return {
      into: Object.fromEntries(outputs.map(({ name, value }) => [name, value])),
      onRun(window, probe) {
        for (const { name, slot, value } of outputs) {
          if (!Number.isFinite(value[0]))
            throw new SecateurError('NOT_FINITE', `${name}: its derivative in window ${window + 1} is ${value[0]}`);
          take(window, slot, value[0], probe);
        }
      },
    };
  };
}
