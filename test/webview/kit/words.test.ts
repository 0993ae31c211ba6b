import { describe, expect, it } from 'vitest';
import { asSentence, formatAbout, formatFigure, formatPercent } from '../../../webview/kit/format.ts';
import { plain } from '../../../webview/kit/notation.ts';
import { parseShare } from '../../../webview/kit/share.ts';

describe('a sparsity that is typed', () => {
  it.each([
    ['45 %', 0.45],
    ['45', 0.45],
    ['0.45', 0.45],
    ['.5', 0.5],
    ['0,3', 0.3],
    ['1', 0.01],
    ['0', 0],
    ['0.5%', 0.005],
    ['  99 ', 0.99],
  ])('%s is understood', (text, share) => {
    expect(parseShare(text, [0, 0.99])).toEqual({ value: share });
  });

  it.each(['', 'half', '-3', '1e2', '45 % %', '0x1'])('%s is refused with an example', (text) => {
    expect(parseShare(text, [0, 0.99])).toEqual({ problem: 'Type a share such as 45 % or 0.45.' });
  });

  it('is held to the limits, which are named', () => {
    expect(parseShare('100', [0, 0.99])).toEqual({ problem: '100 % is not between 0 % and 99 %.' });
  });
});

describe('a plain number that is typed', () => {
  it('is taken as it is, with a point or a comma, and held to the limits', () => {
    const parse = (text: string) => plain.parse(text, [0, 0.5]);
    expect(['0.1', ' 0,25 ', '.5', '0'].map(parse)).toEqual([0.1, 0.25, 0.5, 0].map((value) => ({ value })));
    expect(parse('0.6')).toEqual({ problem: '0.6 is not between 0 and 0.5.' });
    for (const text of ['', '10 %', 'much', '1e-1']) expect(parse(text)).toEqual({ problem: 'Type a number such as 0.125.' });
    expect([0.1, 1 / 3, 0.30000000000000004].map(plain.format)).toEqual(['0.1', '0.3333', '0.3']);
  });
});

describe('figures', () => {
  it('are short and end without zeros', () => {
    expect([0.5, 1 / 3, 0.45678].map((share) => formatPercent(share))).toEqual(['50 %', '33.33 %', '45.68 %']);
    expect([0, 0.0123, 14.7, 1.2e-7, -0.5].map(formatFigure)).toEqual(['0', '0.0123', '14.7', '1.20e-7', '-0.5']);
    expect([3, 44, 720, 12_000].map(formatAbout)).toEqual(['under 10 s', 'about 45 s', 'about 12 min', 'about 3 h 20 min']);
  });
});

describe('a message', () => {
  it('becomes a sentence, but for a name that it begins with', () => {
    expect(asSentence('the run needs about 327 MiB')).toBe('The run needs about 327 MiB');
    for (const text of ['config.json is broken', 'lm_head is tied', 'model: no such folder', 'Pruning failed', '', '327 MiB'])
      expect(asSentence(text)).toBe(text);
  });
});
