import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/language/analysis.ts';
import { formatting } from '../../src/language/formatting.ts';

describe('formatting', () => {
  it('gives each change of white space as an edit of its own', () => {
    expect(formatting(analyse('model:  m\nsparsity: 0.5  \n'))).toEqual([
      { range: { start: { line: 0, character: 6 }, end: { line: 0, character: 8 } }, newText: ' ' },
      { range: { start: { line: 1, character: 13 }, end: { line: 2, character: 0 } }, newText: '\n' },
    ]);
  });

  it('leaves a text alone that is no YAML', () => {
    expect(formatting(analyse('model:  [\n'))).toEqual([]);
  });
});
