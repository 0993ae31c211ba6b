import { analyse } from '../../src/language/analysis.ts';
import { type Facts, noFacts, type ReadyCheckpoint } from '../../src/language/facts.ts';
import { makeStudy } from '../../src/language/study.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';

/** A text and the offset of the mark `▮` in it, which is taken out. */
export function marked(text: string): { readonly text: string; readonly offset: number } {
  const offset = text.indexOf('▮');
  if (offset < 0) throw new Error(`no mark in ${text}`);
  return { text: text.replace('▮', ''), offset };
}

/** Two blocks of two matrices: 8 × 6 and 8 × 4. */
export const checkpoint: ReadyCheckpoint = {
  state: 'ready',
  modelType: 'llama',
  nBlocks: 2,
  maxLength: 256,
  slots: [0, 1].flatMap((block) => [
    { name: `model.layers.${block}.self_attn.q_proj.weight`, block, kind: 'q_proj', out: 8, in: 6 },
    { name: `model.layers.${block}.mlp.down_proj.weight`, block, kind: 'down_proj', out: 8, in: 4 },
  ]),
};

export const withCheckpoint: Facts = { checkpoint, found: new Map(), sensitivity: null };

/** The second matrix minds most. */
export const sensitivity: Sensitivity = {
  method: 'error-curve',
  gives: 'value',
  unit: 'of | the output',
  description: 'Error curve on a.txt',
  matrices: checkpoint.slots.map(({ name }, i) => ({ name, value: [2, 4, 1, 3][i], ...(i === 1 && { standardError: 0.25 }) })),
};

export function studyOf(text: string, facts: Facts = noFacts) {
  return makeStudy(analyse(text), facts);
}
