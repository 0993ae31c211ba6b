/** The hidden states between two blocks, for all windows: in one buffer, or in a scratch file where that would be too large. */

import { createPieces, type Pieces, type ScratchLimits } from './scratch.ts';

export interface HiddenShape {
  readonly windows: number;
  readonly length: number;
  readonly width: number;
}

/** A piece is the states of one window, f32 `[length, width]`. */
export type HiddenStates = HiddenShape & Pieces;

/** Bytes that the states of all windows take. */
export function hiddenBytes({ windows, length, width }: HiddenShape): number {
  return windows * length * width * 4;
}

export function createHiddenStates(shape: HiddenShape, limits: ScratchLimits): HiddenStates {
  return { ...shape, ...createPieces({ count: shape.windows, size: shape.length * shape.width }, limits) };
}
