import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverOf, ownersOf } from '../../src/recipe/cover.ts';
import { matches } from '../../src/recipe/match.ts';
import { globFor, lastMatch, makeSlots, slotLists } from '../support/slots.ts';

const cases = slotLists.chain((all) => fc.record({ all: fc.constant(all), globs: fc.uniqueArray(globFor(all), { maxLength: 6 }) }));

describe('coverOf', () => {
  it('finds the slots that match, the first time and when asked again', () => {
    fc.assert(
      fc.property(cases, ({ all, globs }) => {
        for (const glob of [...globs, ...globs])
          expect(coverOf(all)(glob)).toEqual(all.map((_, i) => i).filter((i) => matches(glob, all[i].name)));
      }),
      { numRuns: 50 },
    );
  });

  it('takes a name for every tensor and module that has it', () => {
    const [slot] = makeSlots(1);
    const all = ['a.b', 'a.b.weight', 'a.[b]', 'a.b.weight.weight'].map((name) => ({ ...slot, name }));
    for (const glob of ['a.b', 'a.b.weight', 'a.[b]', 'a.b.weight.weight', 'nope'])
      expect(coverOf(all)(glob), glob).toEqual([0, 1, 2, 3].filter((i) => matches(glob, all[i].name)));
  });

  it('remembers every glob of a recipe that has thousands, and looks at no name again', () => {
    const all = makeSlots(2);
    const globs = Array.from({ length: 5000 }, (_, i) => `*.{x${i},q_proj}`);
    const first = globs.map((glob) => coverOf(all)(glob));
    expect(first.every((covered) => covered.length === 2)).toBe(true);
    expect(globs.every((glob, i) => coverOf(all)(glob) === first[i])).toBe(true);
  });

  it('lets globs go that together cover more than it remembers', () => {
    const all = makeSlots(500);
    const globs = Array.from({ length: 1200 }, (_, i) => `*{x${i},_proj}`);
    const [first] = globs.map((glob) => coverOf(all)(glob));
    expect(coverOf(all)(globs[0])).toEqual(first);
    expect(coverOf(all)(globs[0])).not.toBe(first);
  });
});

describe('ownersOf', () => {
  it('is the last that matches', () => {
    fc.assert(
      fc.property(cases, ({ all, globs }) => {
        const owners = ownersOf(globs, all);
        expect(all.map((_, i) => globs[owners[i]])).toEqual(all.map(({ name }) => lastMatch(globs, name)));
      }),
      { numRuns: 50 },
    );
  });
});
