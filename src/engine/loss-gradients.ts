/** The statistic `lossGradient` of every linear, taken before anything is pruned and kept until its block's turn. */

import type { Linear, Model } from '../families/family.ts';
import type { Matrix } from '../tensor/matrix.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { type GradientWalk, walkGradients } from './gradient-walk.ts';
import { createPieces, type Pieces } from './scratch.ts';
import type { Windows } from './texts.ts';
import { readPassage } from './tokens.ts';

export interface LossGradients extends Disposable {
  /** `sqrt(mean gₙ²)`, f32 `[out, in]`, of each linear of a block by its tensor; valid until the next call. */
  read(block: number): Map<string, Matrix>;
}

/** Bytes that the gradients of all blocks take, as they are kept. */
export function lossGradientBytes(model: Model): number {
  return 4 * model.nBlocks * pieceSize(model);
}

/**
 * gₙ = ∂Lₙ/∂W in the dense model, Lₙ the mean cross entropy of the predictions of window n.
 *
 * @param nWindows    from the first on; as many as there are, where that is less
 * @param onProgress  of how much is done, in [0, 1]
 * @throws            `NOT_FINITE`, `CANCELLED`
 */
export async function takeLossGradients(
  source: Pick<Checkpoint, 'model' | 'weights'>,
  windows: Windows,
  nWindows: number,
  ctx: Context,
  onProgress: GradientWalk['onProgress'],
): Promise<LossGradients> {
  const { model } = source;
  const tokens = readPassage(windows, { windows: nWindows, length: windows.length });
  const pieces = createPieces({ count: model.nBlocks, size: pieceSize(model) }, ctx);
  try {
    const read: GradientWalk['read'] = (builder, values, block) => {
      const linears = model.linears(block);
      for (const linear of linears) builder.output(linear.tensor, values.gradient(linear));
      const gradients = new Float32Array(pieceSize(model));
      const squares = new Float32Array(pieceSize(model));
      return {
        into: Object.fromEntries([...split(gradients, linears)].map(([tensor, { data }]) => [tensor, data])),
        onRun(window) {
          for (let at = 0; at < squares.length; at++) squares[at] += gradients[at] ** 2;
          if (window === tokens.windows - 1) keep(pieces, block, squares, 1 / (Math.sqrt(tokens.windows) * (tokens.length - 1)));
        },
      };
    };
    await walkGradients({ source, tokens, labels: 'text', probes: [], by: 'weights', read, onProgress }, ctx);
  } catch (error) {
    pieces[Symbol.dispose]();
    throw error;
  }
  return { read: (block) => split(pieces.read(block), model.linears(block)), [Symbol.dispose]: () => pieces[Symbol.dispose]() };
}

/** The walk's loss is summed over a window's predictions; the scale makes it their mean. */
function keep(pieces: Pieces, block: number, squares: Float32Array, scale: number): void {
  pieces.write(
    block,
    squares.map((value) => Math.sqrt(value) * scale),
  );
}

/** Numbers in the largest block. */
function pieceSize(model: Model): number {
  const sizes = Array.from({ length: model.nBlocks }, (_, block) => model.linears(block).reduce((sum, { out, in: n }) => sum + out * n, 0));
  return Math.max(...sizes);
}

function split(piece: Float32Array, linears: readonly Linear[]): Map<string, Matrix> {
  let at = 0;
  return new Map(
    linears.map(({ tensor, out, in: width }) => {
      const from = at;
      at += out * width;
      return [tensor, { rows: out, cols: width, data: piece.subarray(from, at) }];
    }),
  );
}
