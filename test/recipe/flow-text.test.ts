import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { flowText, type Setting } from '../../src/recipe/flow-text.ts';

describe('flowText', () => {
  it.each([
    ['a b', 'a b'],
    ['*.q_proj', '"*.q_proj"'],
    ['2:4', '2:4'],
    ['0.5', '"0.5"'],
    ['', '""'],
    [0.5, '0.5'],
    [null, 'null'],
    [['a', 'b, c'], '[a, "b, c"]'],
    [{ method: 'obs', score: { method: 'ria' }, list: [] }, '{ method: obs, score: { method: ria }, list: [] }'],
    [{}, '{}'],
  ] as const)('writes %j as %s', (value, text) => {
    expect(flowText(value as Setting)).toBe(text);
  });

  it('keeps to the quotes asked for where they can say it', () => {
    expect(flowText('a', 'QUOTE_SINGLE')).toBe("'a'");
    expect(flowText('a\nb', 'QUOTE_SINGLE')).toBe('"a\\nb"');
  });

  it('is read back as the same value, on one line, in any place', () => {
    const text = fc.string({ unit: 'binary' });
    const value = fc.letrec<{ value: Setting }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.string(),
        fc.double({ noNaN: true }).map((x) => x + 0),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(text, tie('value'), { maxKeys: 3 }).map((map) => ({ ...map })),
      ),
    })).value;
    fc.assert(
      fc.property(value, fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE'), (written, quotes) => {
        const line = flowText(written, quotes);
        expect(line).not.toMatch(/[\n\r]/);
        expect(parse(`key: ${line} # comment\nother: { a: ${line}, b: ${line}}`)).toEqual({
          key: written,
          other: { a: written, b: written },
        });
      }),
      { numRuns: 100 },
    );
  });
});
