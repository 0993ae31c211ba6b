import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/language/analysis.ts';
import { documentSymbols, foldingRanges } from '../../src/language/symbols.ts';

const text = [
  '# One',
  '# two',
  'model: ./m # c',
  'calibrate:',
  '  text: [a.txt, b.txt]',
  'allocate:',
  '  fixed:',
  '    "*.q": 0.5',
  '    # c',
  '',
  'solve: {',
  '  method: obs }',
  '',
].join('\n');

describe('documentSymbols', () => {
  it('are the steps with their keys, list items and entries', () => {
    const names = (symbols: ReturnType<typeof documentSymbols>): unknown[] =>
      symbols.map(({ name, detail, children = [] }) => [name, detail ?? '', ...names(children)]);
    expect(names(documentSymbols(analyse(text)))).toEqual([
      ['model', './m'],
      ['calibrate', '', ['text', '', ['[0]', 'a.txt'], ['[1]', 'b.txt']]],
      ['allocate', '', ['fixed', '', ['*.q', '0.5']]],
      ['solve', '', ['method', 'obs']],
    ]);
  });

  it('have the key within the whole, and a name in any case', () => {
    const symbols = documentSymbols(analyse(`${text}"": 1\n? [a, b]\n: 2\n`));
    const inside = ({ range, selectionRange, name }: (typeof symbols)[number]) =>
      name !== '' && selectionRange.start.line >= range.start.line && selectionRange.end.line <= range.end.line;
    expect(symbols.length).toBe(6);
    expect(symbols.every(inside)).toBe(true);
    expect(symbols[2].range).toEqual({ start: { line: 5, character: 0 }, end: { line: 7, character: 14 } });
  });
});

describe('foldingRanges', () => {
  it('are the maps over several lines, and comments of several lines', () => {
    expect(foldingRanges(analyse(text)).map(({ startLine, endLine, kind }) => [startLine, endLine, kind])).toEqual(
      [
        [5, 7, undefined],
        [6, 7, undefined],
        [10, 11, undefined],
        [0, 1, 'comment'],
        [3, 4, undefined],
      ].toSorted((a, b) => Number(a[2] === 'comment') - Number(b[2] === 'comment') || Number(a[0]) - Number(b[0])),
    );
  });
});
