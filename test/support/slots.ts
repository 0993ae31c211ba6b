/** Draws the slots of checkpoints and the budgets of recipes for them, for tests of budgets and gestures. */

import fc from 'fast-check';
import type { Slot } from '../../src/methods/allocator.ts';
import { type BudgetRecipe, fixedSparsities } from '../../src/recipe/budget.ts';
import { matches } from '../../src/recipe/match.ts';

const kindsOf = {
  llama: ['self_attn.q_proj', 'self_attn.k_proj', 'mlp.gate_proj', 'mlp.down_proj'],
  gpt: ['attn.c_attn', 'mlp.c_fc'],
  moe: ['self_attn.q_proj', 'moe.experts.0.w1', 'moe.experts.1.w1', 'moe.experts.0.w2', 'moe.experts.1.w2'],
};

/** Matrices named as in a checkpoint: `${stem}.3.self_attn.q_proj.weight`. */
export function makeSlots(
  nBlocks: number,
  { stem = 'model.layers', kinds = kindsOf.llama, shapeOf = (_i: number): readonly [number, number] => [20, 20] } = {},
): Slot[] {
  return Array.from({ length: nBlocks }, (_, block) =>
    kinds.map((path, k) => {
      const [out, width] = shapeOf(block * kinds.length + k);
      return { name: `${stem}.${block}.${path}.weight`, block, kind: path.split('.').at(-1)!, out, in: width };
    }),
  ).flat();
}

const shape = fc.tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 }));

/** Up to 12 blocks of a family, some blocks without some kinds. */
export const slotLists: fc.Arbitrary<Slot[]> = fc
  .record({
    nBlocks: fc.integer({ min: 1, max: 12 }),
    family: fc.constantFrom(
      { stem: 'model.layers', kinds: kindsOf.llama },
      { stem: 'h', kinds: kindsOf.gpt },
      { stem: 'model.layers', kinds: kindsOf.moe },
    ),
    shapes: fc.array(shape, { minLength: 1, maxLength: 6 }),
    missing: fc.array(fc.nat(50), { maxLength: 3 }),
  })
  .map(({ nBlocks, family, shapes, missing }) => {
    const slots = makeSlots(nBlocks, { ...family, shapeOf: (i) => shapes[i % shapes.length] });
    return slots.filter((_, i) => i === 0 || !missing.includes(i));
  });

/** A glob that covers some of the slots. */
export function globFor(slots: readonly Slot[]): fc.Arbitrary<string> {
  const slot = fc.constantFrom(...slots);
  const stem = slots[0].name.split('.0.')[0];
  const block = slot.map(({ block }) => block);
  return fc.oneof(
    slot.map(({ name }) => name),
    slot.map(({ name }) => name.replace(/\.weight$/, '')),
    slot.map(({ kind }) => `*.${kind}`),
    block.map((index) => `${stem}.${index}.*`),
    fc.tuple(block, block).map(([a, b]) => `${stem}.{${Math.min(a, b)}..${Math.max(a, b)}}.*`),
    fc.tuple(slot, slot).map(([a, b]) => `*.{${a.kind},${b.kind}}`),
    fc.constantFrom('*', '*.weight', '*[aeiou]*'),
  );
}

export const share = fc.constantFrom(0, 0.1, 0.25, 0.5, 0.3333, 0.75, 0.99);

/** What a recipe says of the budget; whether it can be met is left to chance. */
export function budgetFor(slots: readonly Slot[]): fc.Arbitrary<BudgetRecipe> {
  return fc
    .record({
      sparsity: fc.oneof(share, fc.double({ min: 0, max: 0.99, noNaN: true })),
      limits: fc.tuple(fc.constantFrom(0, 0, 0, 0.1, 0.3), fc.constantFrom(1, 1, 1, 0.8, 0.6)),
      fixed: fc.dictionary(globFor(slots), share, { maxKeys: 6 }),
    })
    .map(({ sparsity, limits: [min, max], fixed }) => ({ sparsity, allocate: { method: 'uniform', min, max, fixed } }));
}

/** Names of some slots: a block, a kind, a rectangle or any. */
export function namesFor(slots: readonly Slot[]): fc.Arbitrary<string[]> {
  const slot = fc.constantFrom(...slots);
  const pick = (isWanted: (slot: Slot) => boolean) => slots.filter(isWanted).map(({ name }) => name);
  return fc.oneof(
    fc.subarray(slots.map(({ name }) => name)),
    slot.map(({ block }) => pick((other) => other.block === block)),
    slot.map(({ kind }) => pick((other) => other.kind === kind)),
    fc
      .tuple(slot, slot)
      .map(([a, b]) => pick(({ block, kind }) => block <= Math.max(a.block, b.block) && (kind === a.kind || kind === b.kind))),
    slot.map(({ name }) => [name]),
    fc.constant(pick(() => true)),
  );
}

/** Of several globs that match, the last one counts; `undefined` where none does. */
export function lastMatch(globs: readonly string[], tensorName: string): string | undefined {
  return globs.findLast((glob) => matches(glob, tensorName));
}

/** Names of the slots that an entry of the recipe fixes. */
export function lockedSlots(recipe: BudgetRecipe, slots: readonly Slot[]): ReadonlySet<string> {
  const fixed = fixedSparsities(recipe, slots);
  return new Set(slots.flatMap(({ name }, i) => (fixed[i] === undefined ? [] : [name])));
}
