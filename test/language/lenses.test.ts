import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/language/analysis.ts';
import { codeLenses } from '../../src/language/lenses.ts';

describe('codeLenses', () => {
  it('stand on the model, with the document as the only argument of each command', () => {
    const lenses = codeLenses(analyse('# c\nsparsity: 0.5\nmodel: m\n'), 'file:///a');
    expect(lenses.map(({ command }) => [command?.title, command?.command, command?.arguments])).toEqual([
      ['Prune', 'secateur.prune', ['file:///a']],
      ['Measure', 'secateur.measure', ['file:///a']],
      ['Open Panel', 'secateur.openPanel', ['file:///a']],
    ]);
    expect(lenses[0].range).toEqual({ start: { line: 2, character: 0 }, end: { line: 2, character: 5 } });
  });

  it('stand on the first line of a recipe that names no model', () => {
    expect(codeLenses(analyse('{{'), 'x').map(({ range }) => range.start.line)).toEqual([0, 0, 0]);
  });
});
