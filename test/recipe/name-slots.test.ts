import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globFault, matches } from '../../src/recipe/match.ts';
import { nameSlots } from '../../src/recipe/name-slots.ts';
import { makeSlots, namesFor, slotLists } from '../support/slots.ts';

const slots = makeSlots(12);
const wanted = (all: typeof slots, isWanted: (slot: (typeof slots)[number]) => boolean) =>
  all.map((_, i) => i).filter((i) => isWanted(all[i]));

describe('nameSlots', () => {
  it('names any slots, each once, and no others', () => {
    fc.assert(
      fc.property(
        slotLists.chain((all) => fc.record({ all: fc.constant(all), names: namesFor(all) })),
        ({ all, names }) => {
          const indices = wanted(all, ({ name }) => names.includes(name));
          fc.pre(indices.length > 0);
          const globs = nameSlots(indices, all);
          for (const glob of globs) expect(globFault(glob)).toBeUndefined();
          for (const { name } of all)
            expect(
              globs.filter((glob) => matches(glob, name)),
              name,
            ).toHaveLength(names.includes(name) ? 1 : 0);
          expect(globs).not.toContain('*');
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['all', () => true, ['model.layers.*']],
    ['a kind', (slot) => slot.kind === 'q_proj', ['*.q_proj']],
    ['kinds of some blocks', ({ kind, block }) => kind.endsWith('q_proj') && block < 3, ['model.layers.{0..2}.*.q_proj']],
    ['all but a block', ({ block }) => block !== 4, ['model.layers.{0..3}.*', 'model.layers.{5..11}.*']],
    ['all but the ends', ({ block }) => block > 0 && block < 11, ['model.layers.{1..10}.*']],
    ['the ends', ({ block }) => block === 0 || block === 11, ['model.layers.{0,11}.*']],
    [
      'a kind and one more',
      ({ kind, block }) => kind === 'q_proj' || (kind === 'k_proj' && block === 2),
      ['*.q_proj', 'model.layers.2.self_attn.k_proj'],
    ],
  ] as [string, (slot: (typeof slots)[number]) => boolean, string[]][])('names %s in the fewest words', (_name, isWanted, globs) => {
    expect(nameSlots(wanted(slots, isWanted), slots)).toEqual(globs);
  });

  it('never takes a block 1 for a block 11, nor a kind for one that ends like it', () => {
    const all = makeSlots(12, { kinds: ['attn.q', 'attn.kq', 'attn.sub.q'] });
    for (const [i, { name }] of all.entries()) {
      const globs = nameSlots(
        wanted(all, ({ block, kind }) => block === all[i].block && kind === all[i].kind),
        all,
      );
      expect(globs.some((glob) => matches(glob, name))).toBe(true);
      expect(all.filter((slot) => globs.some((glob) => matches(glob, slot.name))).every(({ block }) => block === all[i].block)).toBe(true);
    }
  });

  it('names one by one the experts of a cell that are not all of it', () => {
    const all = makeSlots(2, { kinds: ['moe.experts.0.w1', 'moe.experts.1.w1', 'moe.experts.2.w1'] });
    expect(nameSlots([0, 1, 2], all)).toEqual(['model.layers.0.*']);
    expect(nameSlots([0, 2], all)).toEqual(['model.layers.0.moe.experts.0.w1', 'model.layers.0.moe.experts.2.w1']);
  });

  it('uses no glob that would catch a slot too many', () => {
    const [slot] = makeSlots(1);
    const all = ['a.q', 'b.q', 'b.sub.q'].map((name, i) => ({
      ...slot,
      name: `h.${i}.${name}.weight`,
      block: i,
      kind: i < 2 ? 'q' : 'other',
    }));
    expect(nameSlots([0, 1], all)).toEqual(['h.{0..1}.*']);
    const flat = all.map((other) => ({ ...other, name: other.name.slice(4) }));
    expect(nameSlots([0, 1], flat)).toEqual(['a.q', 'b.q']);
  });

  it('does without blocks where names do not begin with them', () => {
    const all = makeSlots(3).map((slot) => ({ ...slot, name: slot.name.replaceAll('.', '_') }));
    expect(nameSlots([0, 1], all)).toEqual([all[0].name, all[1].name]);
  });

  it('refuses a slot whose name no glob can be', () => {
    const [slot] = makeSlots(1);
    expect(() => nameSlots([0], [{ ...slot, name: 'a/b' }, slot])).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });
});
