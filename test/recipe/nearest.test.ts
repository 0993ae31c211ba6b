import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/recipe/nearest.ts';

const words = ['samples', 'length', 'seed', 'text', 'least-squares', 'obs'];

describe('nearest', () => {
  it.each([
    ['a letter too many', 'sammples', 'samples'],
    ['a letter too few', 'lenth', 'length'],
    ['another letter', 'sead', 'seed'],
    ['two letters swapped', 'txet', 'text'],
    ['other capitals', 'OBS', 'obs'],
    ['two faults in a long word', 'least_squars', 'least-squares'],
  ])('forgives %s', (_name, word, meant) => {
    expect(nearest(word, words)).toBe(meant);
  });

  it.each(['wanda', '', 'damping', 'x', 'teeeext', 'o'])('does not guess at %j', (word) => {
    expect(nearest(word, words)).toBeUndefined();
  });

  it('chooses the closer of two, and the first of two that are as close', () => {
    expect(nearest('abcdx', ['abcd', 'abcdxy'])).toBe('abcdxy');
    expect(nearest('abcd', ['abce', 'abcf'])).toBe('abce');
  });

  it('is quick with a word of any length', () => {
    expect(nearest('x'.repeat(1_000_000), words)).toBeUndefined();
  });
});
