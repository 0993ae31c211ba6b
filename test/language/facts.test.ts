import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/language/analysis.ts';
import { pathsIn } from '../../src/language/facts.ts';
import { pathName } from '../../src/recipe/problem.ts';

describe('pathsIn', () => {
  it('finds every path of a recipe by what the schema says of its keys, also of one with problems', () => {
    const text =
      'model: ./m\nsparsity: 7\ncalibrate: { text: [default, a.txt], field: b.txt }\nevaluate:\n  text: c.txt\nsave: { to: d }\nother: e.txt';
    expect(pathsIn(analyse(text)).map(({ node, place, path }) => [pathName(node.path), place, path])).toEqual([
      ['model', 'checkpoint', './m'],
      ['calibrate.text[1]', 'text', 'a.txt'],
      ['evaluate.text', 'text', 'c.txt'],
      ['save.to', 'output', 'd'],
    ]);
  });

  it('finds none where the value is no text', () => {
    expect(pathsIn(analyse('model: 5\nsave: { to: }\ncalibrate: { text: { a: b.txt } }'))).toEqual([]);
  });
});
