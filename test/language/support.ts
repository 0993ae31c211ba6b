import { analyse } from '../../src/language/analysis.ts';
import { type Facts, noFacts, type ReadyCheckpoint } from '../../src/language/facts.ts';
import { makeStudy } from '../../src/language/study.ts';

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

export const withCheckpoint: Facts = { checkpoint, found: new Map() };

export function studyOf(text: string, facts: Facts = noFacts) {
  return makeStudy(analyse(text), facts);
}
