import { describe, expect, it } from 'vitest';
import { diagnose, findFlaws } from '../../src/language/diagnose.ts';
import { type Facts, type Found, noFacts } from '../../src/language/facts.ts';
import { checkpoint, studyOf, withCheckpoint } from './support.ts';

/** Code, what is underlined, message. */
function flaws(text: string, facts: Facts = withCheckpoint) {
  return findFlaws(studyOf(text, facts)).map(({ code, offsets, message }) => [code, text.slice(...offsets), message]);
}

const found = (entries: Record<string, Found>): Facts => ({ ...withCheckpoint, found: new Map(Object.entries(entries)) });

describe('diagnose', () => {
  it('is silent about a sound recipe', () => {
    expect(diagnose(studyOf('model: ./m\nsparsity: 0.5\n', withCheckpoint))).toEqual([]);
  });

  it('gives a problem of the text with its range in the editor’s terms, the way out behind the message', () => {
    expect(diagnose(studyOf('model: ./m\r\nsparsity: 0.5\r\nsolv: {}\r\n'))).toEqual([
      {
        range: { start: { line: 2, character: 0 }, end: { line: 2, character: 4 } },
        severity: 1,
        code: 'UNKNOWN_KEY',
        source: 'secateur',
        message: expect.stringMatching(/has no key solv; [^\n]* and save\.\nDid you mean solve\?$/),
      },
    ]);
  });

  it('calls a warning a warning', () => {
    const text = 'model: m\nsparsity: 0.5\ncalibrate: { text: a.txt }\nevaluate: { text: a.txt }';
    expect(diagnose(studyOf(text)).map(({ severity, code }) => [severity, code])).toEqual([[2, 'SAME_TEXT']]);
  });

  it('underlines the model where it is not there, or no checkpoint', () => {
    const bad: Facts = {
      checkpoint: { state: 'bad', code: 'BAD_CHECKPOINT', message: '/x: tensor a is missing', hint: 'Convert it.' },
      found: new Map(),
      sensitivity: null,
    };
    expect(flaws('model: ./m # c\nsparsity: 0.5', bad)).toEqual([['BAD_CHECKPOINT', './m', 'model: /x: tensor a is missing']]);
    expect(flaws('model: ./m\nsparsity: 0.5', { ...bad, found: new Map([['./m', 'absent']]) })).toEqual([
      ['FILE_MISSING', './m', 'model: ./m is not there'],
    ]);
  });

  it('looks at the model of a recipe that has other problems too', () => {
    const facts: Facts = {
      checkpoint: { state: 'bad', code: 'UNSUPPORTED', message: 'no', hint: undefined },
      found: new Map(),
      sensitivity: null,
    };
    expect(flaws('model: ./m\nsparsity: 7', facts).map(([code]) => code)).toEqual(['UNSUPPORTED', 'BAD_VALUE']);
  });

  it('finds texts that are not there, in lists too', () => {
    const text = 'model: m\nsparsity: 0.5\ncalibrate: { text: [default, ./a.txt, ./b.txt] }\nevaluate: { text: "./c.txt" }';
    const facts = found({ './a.txt': 'absent', './b.txt': 'file', './c.txt': 'absent' });
    expect(flaws(text, facts)).toEqual([
      ['FILE_MISSING', './a.txt', 'calibrate.text[1]: ./a.txt is not there'],
      ['FILE_MISSING', '"./c.txt"', 'evaluate.text: ./c.txt is not there'],
    ]);
  });

  it('warns of an output that is something foreign, but not of an earlier result', () => {
    const text = 'model: m\nsparsity: 0.5\nsave: { to: ./out }';
    expect(flaws(text, found({ './out': 'folder' }))).toEqual([['OUTPUT_EXISTS', './out', expect.stringContaining('./out exists')]]);
    expect(flaws(text, found({ './out': 'file' }))).toHaveLength(1);
    expect(flaws(text, found({ './out': 'result' }))).toEqual([]);
    expect(flaws(text, found({ './out': 'absent' }))).toEqual([]);
  });

  it('underlines the model where an output that nobody named is in the way', () => {
    expect(flaws('model: m\nsparsity: 0.5', found({ 'm-50-obs': 'folder' }))).toEqual([
      ['OUTPUT_EXISTS', 'm', expect.stringContaining('m-50-obs exists')],
    ]);
  });

  it('underlines every glob that matches nothing, and goes on without them', () => {
    const text = 'model: m\nsparsity: 0.99\nallocate:\n  fixed:\n    "*.x_proj": 0.1\n    "*.q_proj": 0\n    nothing: 0.5';
    expect(flaws(text)).toEqual([
      ['BUDGET_INFEASIBLE', '0.99', expect.stringContaining('cannot be zero')],
      ['BAD_RECIPE', '"*.x_proj"', 'allocate.fixed.*.x_proj matches no matrix'],
      ['BAD_RECIPE', 'nothing', 'allocate.fixed.nothing matches no matrix'],
    ]);
  });

  it('underlines a pattern that does not divide a width', () => {
    expect(flaws('model: m\npattern: 2:4')).toEqual([
      ['BUDGET_INFEASIBLE', '2:4', expect.stringMatching(/q_proj.*6 inputs.*multiple of 4/)],
    ]);
    expect(flaws('model: m\npattern: 2:4\nallocate: { fixed: { "*.q_proj": 0 } }')).toEqual([]);
  });

  it('underlines a window longer than the model was made for', () => {
    expect(flaws('model: m\nsparsity: 0.5\ncalibrate: { length: 512 }\nevaluate: { text: a.txt, length: 256 }')).toEqual([
      ['BAD_ARGUMENT', '512', `calibrate.length is 512, the model was made for ${checkpoint.maxLength} tokens`],
    ]);
  });

  it('shows at most a thousand', () => {
    const text = `model: m\nsparsity: 0.5\n${Array.from({ length: 3000 }, (_, i) => `k${i}: 1`).join('\n')}`;
    expect(diagnose(studyOf(text))).toHaveLength(1000);
  });

  it('finds nothing wrong with thousands of fixed matrices', () => {
    const slots = Array.from({ length: 3000 }, (_, i) => ({ name: `l.${i}.q.weight`, block: i, kind: 'q', out: 64, in: 64 }));
    const text = `model: m\nsparsity: 0.5\nallocate:\n  fixed:\n${slots.map(({ block }) => `    l.${block}.q: 0.5`).join('\n')}\n`;
    expect(diagnose(studyOf(text, { ...withCheckpoint, checkpoint: { ...checkpoint, slots } }))).toEqual([]);
  });

  it('needs no folder for what the text shows by itself', () => {
    expect(flaws('model: ./m\nsparsity: 2', noFacts).map(([code]) => code)).toEqual(['BAD_VALUE']);
  });
});
