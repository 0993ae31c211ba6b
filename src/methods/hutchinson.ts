/** Hutchinson's estimator: the traces of the loss's Hessian by every matrix, from random probes a few at a time. */

import type { CurvatureRequest, Lab, Passage } from './lab.ts';

export interface HutchinsonRequest extends Passage {
  /** At most. */
  readonly probes: number;
  readonly law: CurvatureRequest['law'];
  /** Which share of the measure this is, from its beginning on. */
  readonly share: number;
  /** Whether what is drawn so far, f64 `[probes][slots]`, will do; never, unless given. */
  isEnough?(draws: readonly Float64Array[]): boolean;
  /** Called with all that is drawn of a slot so far, whenever there is more. */
  onSlot?(slot: number, draws: readonly number[]): void;
}

/**
 * Probes that share one walk over the model, and so the windows of one passage. States have a tangent for each of them, so that more would
 * take more memory, or scratch files.
 */
const perWalk = 4;

/**
 * zᵀHz of every slot for each probe, f64 `[probes][slots]`: independent draws whose mean is the trace.
 *
 * One probe covers all matrices: those of two matrices are independent, so the products between them vanish in expectation. Every walk
 * looks at other windows, so that the standard error of the mean is that of probes and text together.
 */
export async function hutchinson(lab: Lab, request: HutchinsonRequest): Promise<Float64Array[]> {
  const { probes, law, windows, length, share, isEnough = () => false, onSlot } = request;
  const draws: Float64Array[] = [];
  for (let from = 0; from < probes && !isEnough(draws); from += perWalk) {
    const seeds = Array.from({ length: Math.min(perWalk, probes - from) }, (_, i) => probeSeed(lab, from + i));
    lab.stage((share * from) / probes, (share * (from + seeds.length)) / probes);
    const found = await lab.curvatures({
      ...{ law, seeds, windows, length, firstWindow: (from / perWalk) * windows },
      onSlot: (slot, values) => onSlot?.(slot, [...draws.map((draw) => draw[slot]), ...values]),
    });
    draws.push(...found);
  }
  return draws;
}

/** Seeds of calibration are small, mostly neighbours; so that two of them share no probe, theirs lie far apart. */
function probeSeed({ seed }: Pick<Lab, 'seed'>, probe: number): number {
  return (seed % 2 ** 32) * 2 ** 16 + probe;
}
