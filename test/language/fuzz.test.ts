import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complete } from '../../src/language/complete.ts';
import { diagnose } from '../../src/language/diagnose.ts';
import { type Facts, noFacts } from '../../src/language/facts.ts';
import { quickFixes } from '../../src/language/fixes.ts';
import { formatting } from '../../src/language/formatting.ts';
import { inlayHints } from '../../src/language/hints.ts';
import { hover } from '../../src/language/hover.ts';
import { codeLenses } from '../../src/language/lenses.ts';
import { documentLinks } from '../../src/language/links.ts';
import { documentSymbols, foldingRanges } from '../../src/language/symbols.ts';
import { starterRecipe } from '../../src/recipe/starter.ts';
import { studyOf, withCheckpoint } from './support.ts';

const sound = `${starterRecipe({ model: './m', sparsity: 0.5, evaluateText: 'a.txt', maxLength: 99 })}`.replace(
  'fixed: {}',
  'fixed: { "*.q_proj": 0.25, model.layers.0.mlp.down_proj: 0.5 }',
);
const pattern =
  'model: m\npattern: 2:4\ncalibrate:\n  text: [a.txt, default]\nallocate:\n  fixed:\n    "*.q_proj": 0\n    "nothing": 0\nsave: { to: ./out }\n';
const piece = fc.constantFrom(
  'a',
  'solve',
  ':',
  ': ',
  ' ',
  '  ',
  '\n',
  '\r\n',
  '{',
  '}',
  '[',
  ']',
  ', ',
  '"',
  "'",
  '#',
  '- ',
  '*',
  '*a',
  '&a ',
  '\t',
  '\\',
  '|',
  '>',
  '? ',
  '!x ',
  '%',
  '\ufeff',
  '\u0000',
  'é',
  '😀',
  '0.5',
  '50',
  '...',
  '---\n',
  '<<: ',
);
const random = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
/** A recipe with one place of it broken. */
const broken = fc.tuple(fc.constantFrom(sound, pattern), fc.nat(), fc.nat(40), random).map(([text, at, length, put]) => {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + length);
});
const worlds: Facts[] = [
  noFacts,
  withCheckpoint,
  {
    ...withCheckpoint,
    found: new Map([
      ['./out', 'folder'],
      ['a.txt', 'absent'],
      ['./m', 'folder'],
    ]),
  },
  { checkpoint: { state: 'bad', code: 'BAD_CHECKPOINT', message: 'no', hint: undefined }, found: new Map(), sensitivity: null },
];

describe('every feature', () => {
  it('answers for any text and any place without throwing, with places inside the text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(random, broken), fc.nat(), fc.constantFrom(...worlds), async (text, at, facts) => {
        const offset = at % (text.length + 1);
        const study = studyOf(text, facts);
        const { analysis } = study;
        const answers = [
          diagnose(study),
          quickFixes(study, 'x:y', [0, text.length]),
          await complete(text, offset, facts, async () => [{ name: "it's # a", isFolder: true }]),
          hover(study, offset),
          inlayHints(study, [0, text.length]),
          codeLenses(analysis, 'x:y'),
          documentSymbols(analysis),
          foldingRanges(analysis),
          formatting(analysis),
          documentLinks(study, '/'),
        ];
        const lines = text.split(/\r\n|\n|\r/);
        JSON.stringify(answers, (_key, value) => {
          if (value && typeof value.line === 'number')
            expect(value.character <= (lines[value.line]?.length ?? -1), JSON.stringify(value)).toBe(true);
          return value;
        });
      }),
      { numRuns: 400 },
    );
  });
});
