import fc from 'fast-check';
import picomatch from 'picomatch/posix.js';
import { describe, expect, it } from 'vitest';
import { globFault, matches } from '../../src/recipe/match.ts';
import { lastMatch } from '../support/slots.ts';

const tensor = 'model.layers.12.self_attn.q_proj.weight';

describe('matches', () => {
  it.each([
    tensor,
    'model.layers.12.self_attn.q_proj',
    '*.q_proj',
    '*.q_proj.weight',
    '*q_proj',
    'model.layers.12.*',
    'model.layers.{9..12}.*',
    'model.layers.{12,14}.*',
    'model.layers.1[0-4].*',
    'model.layers.1?.self_attn.q_proj',
    '*.{q,k,v}_proj',
    '*.[qk]_proj',
    '*',
  ])('finds the tensor by %s', (glob) => {
    expect(globFault(glob)).toBeUndefined();
    expect(matches(glob, tensor)).toBe(true);
  });

  it.each([
    'q_proj',
    'model.layers.1.*',
    'model.layers.{0..2}.*',
    'model.layers.{13..20}.*',
    '*.k_proj',
    '*.q_pro',
    'layers.12.*',
    'modelXlayers.12.*',
    'model.layers.12',
    '!*.k_proj',
  ])('does not find it by %s', (glob) => {
    expect(matches(glob, tensor)).toBe(false);
  });

  it('takes a range for every number in it, and for no other', () => {
    const found = Array.from({ length: 30 }, (_, i) => i).filter((i) => matches('h.{8..12}.*', `h.${i}.attn.weight`));
    expect(found).toEqual([8, 9, 10, 11, 12]);
  });

  it('matches what the glob package matches, whatever the glob', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '-',
      '*',
      '?',
      '{a,b}',
      '{b}',
      '[ab]',
      '[!a]',
      '(a|b)',
      '+',
      '!',
      '@',
      '$',
      '^',
      '\\a',
      '|',
      ',',
    );
    const glob = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
    const name = fc
      .array(fc.constantFrom('a', 'b', '.', '-', '*', '{b}', 'A'), { minLength: 1, maxLength: 6 })
      .map((letters) => letters.join(''));
    fc.assert(
      fc.property(glob, fc.array(name, { minLength: 5, maxLength: 20 }), (text, names) => {
        fc.pre(globFault(text) === undefined);
        const matcher = picomatch(text, { dot: true, nonegate: true, noextglob: true });
        for (const word of names) expect(matches(text, word), `${text} ${word}`).toBe(matcher(word));
      }),
      { numRuns: 500 },
    );
  });

  it('takes a name for a glob only with what is special in globs', () => {
    expect(matches('a.b', 'aXb')).toBe(false);
    expect(matches('a.b', 'a.b.weight')).toBe(true);
  });
});

describe('lastMatch', () => {
  it('gives the last of the globs that match', () => {
    expect(lastMatch(['*.q_proj', 'model.layers.12.*', '*.k_proj'], tensor)).toBe('model.layers.12.*');
    expect(lastMatch(['model.layers.12.*', '*.q_proj'], tensor)).toBe('*.q_proj');
    expect(lastMatch(['*.k_proj'], tensor)).toBeUndefined();
  });

  it('is quick where a recipe lists every tensor', () => {
    const names = Array.from({ length: 800 }, (_, i) => `model.layers.${i}.mlp.up_proj.weight`);
    const started = performance.now();
    expect(names.every((name) => lastMatch(names, name) === name)).toBe(true);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('globFault', () => {
  it.each([
    ['', 'it is empty'],
    ['a[b', 'a ] is missing'],
    ['a{b,c', 'a } is missing'],
    ['a(b', 'a ) is missing'],
    ['model/layers/0', 'names have dots, not slashes'],
    ['*'.repeat(201), 'it has more than 200 characters'],
    ['h.{1..x}.*', '{1..x} is not a range'],
    ['h.{0..5000}.*', '{0..5000} is not a range'],
  ])('says what is wrong with %j', (glob, fault) => {
    expect(globFault(glob)).toContain(fault);
  });
});
