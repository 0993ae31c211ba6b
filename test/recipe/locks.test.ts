import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixFreeSlots, fixSlots, freeSlots, type Lock } from '../../src/recipe/locks.ts';
import { globFor, lastMatch, makeSlots, namesFor, share, slotLists } from '../support/slots.ts';

const slots = makeSlots(4);
const indices = (names: readonly string[], all = slots) => all.map((_, i) => i).filter((i) => names.includes(all[i].name));
const block = (index: number) => indices(slots.filter((slot) => slot.block === index).map(({ name }) => name));
const kind = (word: string) => indices(slots.filter((slot) => slot.kind === word).map(({ name }) => name));

const cases = slotLists.chain((all) =>
  fc.record({
    all: fc.constant(all),
    locks: fc.uniqueArray(fc.tuple(globFor(all), share), { selector: ([glob]) => glob, maxLength: 6 }),
    names: namesFor(all),
  }),
);

/** What each slot is held at, worked out glob by glob. */
function held(locks: readonly Lock[], all: typeof slots): (number | undefined)[] {
  const globs = locks.map(([glob]) => glob);
  return all.map(({ name }) => locks[globs.indexOf(lastMatch(globs, name) ?? '')]?.[1]);
}

describe('locks', () => {
  it('change for the slots that are meant, and for no others', () => {
    fc.assert(
      fc.property(cases, ({ all, locks, names }) => {
        const wanted = indices(names, all);
        fc.pre(wanted.length > 0);
        const before = held(locks, all);
        const isWanted = new Set(wanted);
        const expected = (value: number | undefined) => before.map((old, i) => (isWanted.has(i) ? value : old));
        expect(held(fixSlots(locks, all, wanted, 0.42), all)).toEqual(expected(0.42));
        expect(held(freeSlots(locks, all, wanted), all)).toEqual(expected(undefined));
      }),
      { numRuns: 80 },
    );
  });

  it('have every glob once', () => {
    fc.assert(
      fc.property(cases, ({ all, locks, names }) => {
        const wanted = indices(names, all);
        fc.pre(wanted.length > 0);
        for (const changed of [fixSlots(locks, all, wanted, 0.42), fixFreeSlots(locks, all, wanted, 0.42), freeSlots(locks, all, wanted)])
          expect(new Set(changed.map(([glob]) => glob)).size).toBe(changed.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('fixSlots', () => {
  it('leaves entries that were without a slot before alone', () => {
    const locks: Lock[] = [
      [slots[0].name, 0.1],
      ['*.q_proj', 0.2],
    ];
    expect(fixSlots(locks, slots, kind('q_proj'), 0.3)).toEqual([
      [slots[0].name, 0.1],
      ['*.q_proj', 0.3],
    ]);
  });

  it('changes single entries where they stand', () => {
    const locks: Lock[] = [
      [slots[0].name, 0.1],
      ['*.k_proj', 0.2],
      [slots[6].name, 0.1],
    ];
    expect(fixSlots(locks, slots, [0, 6], 0.3)).toEqual([
      [slots[0].name, 0.3],
      ['*.k_proj', 0.2],
      [slots[6].name, 0.3],
    ]);
  });
});

describe('fixFreeSlots', () => {
  it('follows the entry of the same slots with every drag', () => {
    const once = fixFreeSlots([['*.q_proj', 0.2]], slots, block(1), 0.4);
    expect(once).toEqual([
      ['model.layers.1.*', 0.4],
      ['*.q_proj', 0.2],
    ]);
    expect(fixFreeSlots(once, slots, block(1), 0.5)).toEqual([
      ['model.layers.1.*', 0.5],
      ['*.q_proj', 0.2],
    ]);
  });

  it('names only those that are free where no one glob names all', () => {
    expect(fixFreeSlots([['*.q_proj', 0.2]], slots, [0, 1, 6], 0.4)).toEqual([
      ['*.q_proj', 0.2],
      ['model.layers.0.self_attn.k_proj', 0.4],
      ['model.layers.1.mlp.gate_proj', 0.4],
    ]);
  });
});

describe('freeSlots', () => {
  it('names slots of others along where that takes fewer words', () => {
    const locks: Lock[] = [
      ['*.q_proj', 0.3],
      ['model.layers.1.*', 0.5],
    ];
    expect(freeSlots(locks, slots, block(3))).toEqual([
      ['model.layers.{0..2}.*.q_proj', 0.3],
      ['model.layers.1.*', 0.5],
    ]);
  });

  it('lets go of what is covered though another holds it', () => {
    expect(
      freeSlots(
        [
          ['*.q_proj', 0.3],
          [slots[0].name, 0.5],
        ],
        slots,
        [0],
      ),
    ).toEqual([['model.layers.{1..3}.*.q_proj', 0.3]]);
  });

  it('takes out an entry that is left without a slot, as others hold the rest', () => {
    expect(
      freeSlots(
        [
          ['*.q_proj', 0.3],
          ['model.layers.{1..3}.*', 0.5],
        ],
        slots,
        [0],
      ),
    ).toEqual([['model.layers.{1..3}.*', 0.5]]);
  });
});
