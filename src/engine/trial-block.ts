/** Runs one block as it is, or with some of its matrices fed from outside, so that one compile serves all trials. */

import { feeding } from '../graph/feed.ts';
import { buildGraph } from '../graph/ir.ts';
import type { Forward } from './forward.ts';
import type { HiddenStates } from './hidden.ts';
import type { Program } from './runtime.ts';

/** The program of a block: f32 `hidden` `[length, width]`, and each tensor of `fed` under its name, to `next`. */
export async function compileBlock(forward: Forward, block: number, length: number, fed: ReadonlySet<string>): Promise<Program> {
  const { model, runtime, weights } = forward;
  const graph = buildGraph((builder) => {
    const hidden = builder.input('hidden', [length, model.hiddenSize]);
    builder.output('next', model.block(feeding(builder, fed), block, hidden).hidden);
  });
  return runtime.compile(graph, weights);
}

/** Carries the states of one trial through the block. @param from  the states that enter it; `to` itself, where it has them already */
export async function runWindows(
  program: Program,
  from: HiddenStates,
  to: HiddenStates,
  weights: Readonly<Record<string, Float32Array>>,
  beforeWindow: () => void,
): Promise<void> {
  const next = new Float32Array(to.length * to.width);
  for (let w = 0; w < to.windows; w++) {
    beforeWindow();
    await program.run({ hidden: from.read(w), ...weights }, { next });
    to.write(w, next);
  }
}
