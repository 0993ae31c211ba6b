import { describe, expect, it } from 'vitest';
import { methodsText, namedMethods } from '../../src/recipe/named-methods.ts';
import { readYaml } from '../../src/recipe/yaml-text.ts';

const named = (text: string) => namedMethods(readYaml(text).document);
const methods = (text: string) => methodsText(text, readYaml(text).document);

describe('the methods that a text names', () => {
  it('are told with problems elsewhere, and whether or not they exist', () => {
    expect(named('measure: { method: fisherr }\nallocate:\n  method: mixed\nnonsense: 1')).toEqual({
      measure: 'fisherr',
      allocate: 'mixed',
    });
    for (const text of ['', 'model: a', 'measure: [x]\nallocate: { method: 3 }', 'measure: *a', '{'])
      expect(named(text)).toEqual({ measure: null, allocate: null });
  });

  it('change with the measure and its options, and with the name of the allocator, but not with a lock or a number', () => {
    const text = 'sparsity: 0.5\nmeasure: { method: fisher, windows: 4 }\nallocate: { method: mixed, spread: 0.1 }';
    const same = ['0.5', '0.1'].map((figure) => methods(text.replace(figure, '0.4')));
    expect(new Set(same)).toEqual(new Set([methods(text)]));
    const others = [text.replace('4', '5'), text.replace('fisher', 'scan'), text.replace('mixed', 'prior'), 'sparsity: 0.5'];
    expect(new Set([text, ...others].map(methods)).size).toBe(5);
  });
});
