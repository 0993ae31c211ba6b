import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecateurError } from '../../src/error.ts';
import type { Slot } from '../../src/methods/allocator.ts';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import { type BudgetRecipe, fixedSparsities, makeBudget } from '../../src/recipe/budget.ts';
import { coverOf } from '../../src/recipe/cover.ts';
import { applyEdits } from '../../src/recipe/edit.ts';
import { type BudgetGesture, type Gesture, gestureEdits, nearestGesture, previewGesture } from '../../src/recipe/gesture.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { budgetFor, makeSlots, namesFor, slotLists } from '../support/slots.ts';
import { style, writeSound } from '../support/yaml-writer.ts';

const slots = makeSlots(4);
const pick = (isWanted: (slot: Slot) => boolean) => slots.filter(isWanted).map(({ name }) => name);
const block = (index: number) => pick((slot) => slot.block === index);
const kind = (name: string) => pick((slot) => slot.kind === name);
const set = (names: readonly string[], sparsity: number, respectLocks = false): BudgetGesture => ({
  type: 'set',
  slots: names,
  sparsity,
  respectLocks,
});
const after = (text: string, gesture: Gesture, all: readonly Slot[] = slots) => applyEdits(text, gestureEdits(text, gesture, all));
/** A recipe with these lines in `fixed`. */
const recipe = (...lines: string[]) =>
  `model: a\nsparsity: 0.5\nallocate:\n  fixed:\n${lines.map((line) => `    ${line}\n`).join('')}save: {}\n`;
const bare = 'model: a\nsparsity: 0.5\nsave: {}\n';

describe('gestureEdits', () => {
  it('sets the target, and nothing else', () => {
    const text = 'model: a\nsparsity: 0.50 # half\nsave: {}\n';
    expect(gestureEdits(text, { type: 'target', sparsity: 0.61234 }, slots)).toEqual([{ offset: 19, length: 4, text: '0.6123' }]);
  });

  it.each([
    ['a block', set(block(3), 0.3), ['"model.layers.3.*": 0.3']],
    ['a kind', set(kind('q_proj'), 0.3), ['"*.q_proj": 0.3']],
    ['blocks that follow one another', set([...block(1), ...block(2)], 0.3), ['"model.layers.{1..2}.*": 0.3']],
    ['blocks that do not', set([...block(0), ...block(3)], 0.3), ['"model.layers.{0,3}.*": 0.3']],
    ['kinds', set([...kind('q_proj'), ...kind('k_proj')], 0.3), ['"*.{q_proj,k_proj}": 0.3']],
    ['a matrix', set([slots[0].name], 0.3), ['model.layers.0.self_attn.q_proj: 0.3']],
    [
      'two matrices',
      set([slots[0].name, slots[5].name], 0.3),
      ['model.layers.0.self_attn.q_proj: 0.3', 'model.layers.1.self_attn.k_proj: 0.3'],
    ],
    ['a share in more than four digits', set(kind('q_proj'), 0.123456), ['"*.q_proj": 0.1235']],
  ])('sets %s by the glob that a person would write', (_name, gesture, lines) => {
    expect(after(bare, gesture)).toBe(recipe(...lines));
  });

  it('changes the number of an entry that is just what is set, however it is written', () => {
    expect(after(recipe('"*.[q]_proj": 0.30 # mine', '"model.layers.0.mlp.*": 0'), set(kind('q_proj'), 0.4))).toBe(
      recipe('"*.[q]_proj": 0.4 # mine', '"model.layers.0.mlp.*": 0'),
    );
  });

  it('moves an entry that others would win over to the end, with its quotes and its comment', () => {
    expect(after(recipe("'*.q_proj': 0.3 # mine", '"model.layers.0.*": 0'), set(kind('q_proj'), 0.4))).toBe(
      recipe('"model.layers.0.*": 0', "'*.q_proj': 0.4 # mine"),
    );
  });

  it('takes out entries that it leaves without a matrix', () => {
    expect(after(recipe('"*.k_proj": 0.2', 'model.layers.0.self_attn.q_proj: 0.1'), set(kind('q_proj'), 0.4))).toBe(
      recipe('"*.k_proj": 0.2', '"*.q_proj": 0.4'),
    );
  });

  it('puts an entry before those that keep what they hold', () => {
    expect(after(recipe('"*.k_proj": 0.2 # kept', '"*.down_proj": 0.1'), set(block(1), 0.4, true))).toBe(
      recipe('"model.layers.1.*": 0.4', '"*.k_proj": 0.2 # kept', '"*.down_proj": 0.1'),
    );
  });

  it('changes nothing where others hold all that is set and keep it', () => {
    expect(gestureEdits(recipe('"model.layers.*": 0.5'), set(block(1), 0.4, true), slots)).toEqual([]);
  });

  it('changes nothing where all is there already', () => {
    const text = recipe('"model.layers.{0..1}.*": 0.25');
    for (const gesture of [set(block(1), 0.25), set(block(1), 0.25, true), { type: 'lock', slots: block(1) }] as const)
      expect(gestureEdits(text, gesture, slots)).toEqual([]);
    expect(gestureEdits(text, { type: 'release', slots: block(2) }, slots)).toEqual([]);
    expect(gestureEdits(text, { type: 'target', sparsity: 0.5 }, slots)).toEqual([]);
    expect(gestureEdits(bare, { type: 'reset' }, slots)).toEqual([]);
    expect(gestureEdits(text, set([], 0.1), slots)).toEqual([]);
  });

  it('locks what is free at its present sparsity', () => {
    expect(after(recipe('"*.q_proj": 0.2'), { type: 'lock', slots: block(1) })).toBe(recipe('"model.layers.1.*": 0.6', '"*.q_proj": 0.2'));
  });

  it('locks everything by as few words as there are, and the total stays', () => {
    expect(after(bare, { type: 'lock', slots: pick(() => true) })).toBe(recipe('"model.layers.*": 0.5'));
  });

  it('releases what an entry holds, alone or among others', () => {
    const text = recipe('"*.q_proj": 0.2 # attention', '"model.layers.2.*": 0.4', '# below');
    expect(after(text, { type: 'release', slots: block(2) })).toBe(recipe('"model.layers.{0,1,3}.*.q_proj": 0.2 # attention', '# below'));
    expect(after(text, { type: 'release', slots: kind('q_proj') })).toBe(
      recipe('"model.layers.2.*.{k_proj,gate_proj,down_proj}": 0.4', '# below'),
    );
  });

  it('takes the keys out with the last entry, as they were before the first', () => {
    expect(after(recipe('"*.q_proj": 0.2 # beside', '"model.layers.2.*": 0.4'), { type: 'reset' })).toBe(bare);
    expect(after(recipe('"*.q_proj": 0.2'), { type: 'release', slots: kind('q_proj') })).toBe(bare);
  });

  it.each([
    ['allocate:\n  fixed: # why\n    "*.q_proj": 0.2\n', 'allocate:\n  fixed: {} # why\n'],
    ['allocate:\n  # why\n  fixed:\n    "*.q_proj": 0.2\n', 'allocate:\n  # why\n  fixed: {}\n'],
    ['allocate:\n  fixed:\n    # why\n    "*.q_proj": 0.2\n', 'allocate:\n  fixed: {}\n    # why\n'],
    ['allocate:\n  fixed:\n    "*.q_proj": 0.2\n    # why\n', 'allocate:\n  fixed: {}\n    # why\n'],
    ['allocate:\n  fixed: { "*.q_proj": 0.2 } # why\n', 'allocate:\n  fixed: {} # why\n'],
    ['allocate: # why\n  fixed: { "*.q_proj": 0.2 }\n', 'allocate: {} # why\n'],
    ['# why\nallocate: { fixed: { "*.q_proj": 0.2 } }\n', '# why\nallocate: {}\n'],
    ['allocate: { method: uniform, fixed: { "*.q_proj": 0.2 } }\n', 'allocate: { method: uniform }\n'],
    ['allocate: {\n  fixed: {\n    "*.q_proj": 0.2, # why\n  },\n}\n', 'allocate: {\n  fixed: {\n     # why\n  },\n}\n'],
    ['allocate:\n  fixed:\n    "*.q_proj": 0.2\n  min: 0\n', 'allocate:\n  min: 0\n'],
    ['allocate: { fixed: { "*.q_proj": 0.2 } } # why\n', 'allocate: {} # why\n'],
  ])('keeps a comment that belongs to a key it would take out: %j', (before, expected) => {
    expect(after(`model: a\nsparsity: 0.5\n${before}`, { type: 'reset' })).toBe(`model: a\nsparsity: 0.5\n${expected}`);
  });

  it.each([
    ['fixed: {} # such as\n', 'fixed: # such as\n    "*.q_proj": 0.2\n'],
    ['fixed: { }\n', 'fixed:\n    "*.q_proj": 0.2\n'],
    ['fixed: { "*.k_proj": 0.1 } # x\n', 'fixed: { "*.k_proj": 0.1, "*.q_proj": 0.2 } # x\n'],
    ['fixed: {"*.q_proj": 0.1,"*.k_proj": 0.1}\n', 'fixed: {"*.q_proj": 0.2,"*.k_proj": 0.1}\n'],
    ['method: uniform # x\n', 'method: uniform # x\n  fixed:\n    "*.q_proj": 0.2\n'],
  ])('writes into the map as it is: %j', (before, expected) => {
    const start = 'model: a\nsparsity: 0.5\nallocate:\n  ';
    expect(after(start + before, set(kind('q_proj'), 0.2))).toBe(start + expected);
  });

  it('writes on the line of a map between braces', () => {
    expect(after('{ model: a, sparsity: 0.5 }', set(kind('q_proj'), 0.2))).toBe(
      '{ model: a, sparsity: 0.5, allocate: { fixed: { "*.q_proj": 0.2 } } }',
    );
    expect(after('model: a\nsparsity: 0.5\nallocate: { method: uniform }\n', set(kind('q_proj'), 0.2))).toBe(
      'model: a\nsparsity: 0.5\nallocate: { method: uniform, fixed: { "*.q_proj": 0.2 } }\n',
    );
  });

  it('keeps the line ends and the byte order mark of the text, and its indentation', () => {
    expect(after('\ufeffmodel: a\r\nsparsity: 0.5\r\nsolve:\r\n    method: obs\r\n', set(kind('q_proj'), 0.2))).toBe(
      '\ufeffmodel: a\r\nsparsity: 0.5\r\nallocate:\r\n    fixed:\r\n        "*.q_proj": 0.2\r\nsolve:\r\n    method: obs\r\n',
    );
    expect(after('\ufeffsparsity: 0.5\r\nmodel: a\r\nallocate:\r\n fixed:\r\n  a.*: 0', { type: 'reset' })).toBe(
      '\ufeffsparsity: 0.5\r\nmodel: a',
    );
  });

  it('replaces an alias by the value, and refuses to change what an alias elsewhere means', () => {
    expect(after(recipe('"*.q_proj": &q 0.2', '"*.k_proj": *q'), set(kind('k_proj'), 0.3))).toBe(
      recipe('"*.q_proj": &q 0.2', '"*.k_proj": 0.3'),
    );
    const shared = recipe('"*.q_proj": &q 0.2', '"*.k_proj": *q');
    for (const gesture of [set(kind('q_proj'), 0.3), { type: 'release', slots: kind('q_proj') }, { type: 'reset' }] as const)
      expect(() => gestureEdits(shared, gesture, slots)).toThrow(expect.objectContaining({ code: 'BAD_RECIPE' }));
  });
});

describe('gestureEdits refuses', () => {
  const refusal = (text: string, gesture: Gesture) => {
    try {
      gestureEdits(text, gesture, slots);
    } catch (error) {
      return error as SecateurError;
    }
    throw new Error('nothing was refused');
  };

  it('a text with errors, in the words of the first', () => {
    expect(refusal('model: a\nsparsity: 2\n', { type: 'reset' })).toMatchObject({
      code: 'BAD_RECIPE',
      message: expect.stringContaining('sparsity is 2'),
    });
  });

  it('a matrix that does not exist and a sparsity out of range', () => {
    expect(refusal(bare, set(['nope'], 0.1))).toMatchObject({ code: 'BAD_ARGUMENT', message: expect.stringContaining('nope') });
    for (const sparsity of [1, -0.1, Number.NaN])
      expect(refusal(bare, set(block(0), sparsity))).toMatchObject({
        code: 'BAD_ARGUMENT',
        message: expect.stringContaining('from 0 to 0.99'),
      });
    expect(refusal(bare, { type: 'target', sparsity: 1 })).toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('a target that cannot be met, and names the nearest that can', () => {
    const text = recipe('"model.layers.{0..2}.*": 0.2');
    expect(refusal(text, { type: 'target', sparsity: 0.9 })).toMatchObject({
      code: 'BUDGET_INFEASIBLE',
      hint: expect.stringContaining('0.4'),
    });
    expect(nearestGesture(parseRecipe(text).recipe!, { type: 'target', sparsity: 0.9 }, slots)).toEqual({ type: 'target', sparsity: 0.4 });
  });

  it('a sparsity that leaves the others no room, and names the nearest that does', () => {
    const wanted = pick((slot) => slot.block > 0);
    expect(refusal(bare, set(wanted, 0.9))).toMatchObject({ code: 'BUDGET_INFEASIBLE', hint: expect.stringContaining('is 0.6662') });
    expect(refusal(bare, set(wanted, 0.1))).toMatchObject({ hint: expect.stringContaining('is 0.3338') });
  });

  it('to set the last matrices that make up the total, whatever to', () => {
    const text = 'model: a\nsparsity: 0.5\nallocate: { fixed: { "model.layers.{0..2}.*": 0.333 } }\n';
    expect(refusal(text, set(block(3), 0.3))).toMatchObject({
      code: 'BUDGET_INFEASIBLE',
      hint: expect.stringContaining('Release others first'),
    });
  });

  it('to release what makes a budget that can be met one that cannot, and not what leaves it as it is', () => {
    const text = 'model: a\nsparsity: 0.2\nallocate: { min: 0.3, fixed: { "model.layers.{0..1}.*": 0, "model.layers.2.*": 0 } }\n';
    expect(refusal(text, { type: 'reset' })).toMatchObject({ code: 'BUDGET_INFEASIBLE' });
    const broken = recipe('"model.layers.*": 0.4', '"*.q_proj": 0.3');
    expect(after(broken, { type: 'release', slots: [slots[1].name] })).toContain('fixed');
  });

  it('in a pattern all but leaving matrices dense and releasing them', () => {
    const text = 'model: a\npattern: 2:4\n';
    expect(refusal(text, { type: 'target', sparsity: 0.4 }).hint).toContain('`sparsity` in the place of `pattern`');
    expect(refusal(text, set(block(0), 0.4)).hint).toContain('Set it to 0');
    expect(refusal(text, { type: 'lock', slots: block(0) }).hint).toContain('Set it to 0');
    const dense = after(text, set(block(0), 0));
    expect(parseRecipe(dense).recipe?.allocate.fixed).toEqual({ 'model.layers.0.*': 0 });
    expect(gestureEdits(dense, { type: 'lock', slots: block(0) }, slots)).toEqual([]);
    expect(after(dense, { type: 'release', slots: block(0) })).toBe(text);
  });

  it('to make a text longer than any that is read', () => {
    const text = `model: a\nsparsity: 0.5\n# ${'x'.repeat(2 ** 18 - 60)}\n`;
    expect(parseRecipe(text).recipe).toBeDefined();
    expect(refusal(text, set(block(0), 0.1))).toMatchObject({ code: 'BAD_RECIPE', message: expect.stringContaining('262144') });
  });
});

const gestureFor = (all: readonly Slot[]): fc.Arbitrary<BudgetGesture> => {
  const sparsity = fc.constantFrom(0, 0.1, 0.25, 0.5, 0.6, 0.123456);
  const names = namesFor(all);
  return fc.oneof(
    { weight: 1, arbitrary: fc.record({ type: fc.constant('target' as const), sparsity }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('set' as const), slots: names, sparsity, respectLocks: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('lock' as const), slots: names }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('release' as const), slots: names }) },
    { weight: 1, arbitrary: fc.constant({ type: 'reset' as const }) },
  );
};

const cases = slotLists.chain((all) => fc.record({ all: fc.constant(all), budget: budgetFor(all), gesture: gestureFor(all) }));

/** The budget as a recipe someone wrote; keys that say the default are there or not. */
function written(
  { sparsity, allocate: { min, max, fixed } }: BudgetRecipe,
  how: fc.RandomType | Parameters<typeof writeSound>[1],
  bom: boolean,
): string {
  const bounds = { ...(min > 0 && { min }), ...(max < 1 && { max }) };
  const isEmpty = Object.keys(fixed).length === 0;
  const allocate = isEmpty && Object.keys(bounds).length === 0 ? {} : { allocate: { ...bounds, ...(isEmpty ? {} : { fixed }) } };
  const text = writeSound({ model: 'a', sparsity, ...allocate, save: { overwrite: true } }, how as Parameters<typeof writeSound>[1]);
  return (bom ? '\ufeff' : '') + text;
}

/** What may be refused is no finding; anything else thrown is. */
function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof SecateurError) return undefined;
    throw error;
  }
}

describe('gestureEdits of what was measured', () => {
  const text = 'model: a\nsparsity: 0.5\nmeasure: { method: error-curve }\nallocate: { method: mixed, spread: 0.2 }\n';
  const sensitivity: Sensitivity = {
    method: 'error-curve',
    gives: 'value',
    unit: '',
    description: '',
    matrices: slots.map(({ name }, i) => ({ name, value: slots.length - i })),
  };
  const lock: Gesture = { type: 'lock', slots: block(0) };
  const zerosOf = (now: string) => makeBudget(parseRecipe(now).recipe!, slots, {}, sensitivity).map(({ zeros }) => zeros);

  it('locks what the measured budget gives, and nothing moves', () => {
    const locked = applyEdits(text, gestureEdits(text, lock, slots, sensitivity));
    expect(parseRecipe(locked).recipe!.allocate.fixed).not.toEqual({ 'model.layers.0.*': 0.5 });
    const [before, now] = [zerosOf(text), zerosOf(locked)];
    for (const i of block(0).keys()) expect(now[i]).toBe(before[i]);
  });

  it('locks the uniform budget where nothing, or only another measure, has told', () => {
    for (const known of [null, { ...sensitivity, method: 'fisher' }])
      expect(parseRecipe(applyEdits(text, gestureEdits(text, lock, slots, known))).recipe!.allocate.fixed).toEqual({
        'model.layers.0.*': 0.5,
      });
  });

  it('sets the number that an allocator takes', () => {
    const to = (value: number): Gesture => ({ type: 'option', option: 'spread', value });
    expect(after(text, to(0.31415926))).toBe(text.replace('0.2', '0.3142'));
    expect(gestureEdits(text, to(0.2), slots)).toEqual([]);
    const short = 'model: a\nsparsity: 0.5\nallocate:\n  method: prior # ours\n';
    expect(after(short, to(0.05))).toBe(`${short}  spread: 0.05\n`);
    expect(() => gestureEdits(text, to(7), slots)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining('7') }),
    );
    expect(() => gestureEdits(bare, to(0.1), slots)).toThrow(expect.objectContaining({ message: 'uniform takes no spread' }));
  });
});

describe('gestureEdits, whatever the recipe', () => {
  it('leaves a text that says what the preview showed, with every comment that was not of an entry that went', () => {
    fc.assert(
      fc.property(cases, style, fc.boolean(), ({ all, budget, gesture }, how, bom) => {
        const text = written(budget, how, bom);
        const before = parseRecipe(text).recipe!;
        const edits = tried(() => gestureEdits(text, gesture, all));
        fc.pre(edits !== undefined);
        const edited = applyEdits(text, edits);
        const preview = previewGesture(before, gesture, all);
        const { recipe: now, problems } = parseRecipe(edited);
        expect(problems, `${text}\n=>\n${edited}`).toEqual([]);
        expect(now!.sparsity).toBe(preview.sparsity);
        expect(Object.entries(now!.allocate.fixed), `${text}\n=>\n${edited}`).toEqual(Object.entries(preview.allocate.fixed));
        expect({ ...now, sparsity: 0, allocate: { ...now!.allocate, fixed: {} } }).toEqual({
          ...before,
          sparsity: 0,
          allocate: { ...before.allocate, fixed: {} },
        });
        const count = (of: string, word: RegExp) => of.match(word)?.length ?? 0;
        expect(count(edited, /# above/g), `${text}\n=>\n${edited}`).toBe(count(text, /# above/g));
        const gone = Object.keys(before.allocate.fixed).filter((glob) => !(glob in now!.allocate.fixed)).length;
        expect(count(edited, /# beside/g), `${text}\n=>\n${edited}`).toBeGreaterThanOrEqual(count(text, /# beside/g) - gone);
        expect(edited.startsWith('\ufeff')).toBe(bom);
        if (text.includes('\r\n')) expect(edited.replaceAll('\r\n', '')).not.toContain('\n');
        for (let i = 1; i < edits.length; i++) expect(edits[i].offset).toBeGreaterThan(edits[i - 1].offset + edits[i - 1].length);
        if (preview === before) expect(edits).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('leaves a total that is exact to one weight, unless it could not be met before', () => {
    fc.assert(
      fc.property(cases, style, ({ all, budget, gesture }, how) => {
        fc.pre(tried(() => makeBudget(budget, all)) !== undefined);
        const text = written(budget, how, false);
        const edits = tried(() => gestureEdits(text, gesture, all));
        fc.pre(edits !== undefined);
        const { recipe: now } = parseRecipe(applyEdits(text, edits));
        const weights = all.reduce((sum, slot) => sum + slot.out * slot.in, 0);
        expect(makeBudget(now!, all).reduce((sum, { zeros }) => sum + zeros, 0)).toBe(Math.round(now!.sparsity * weights));
      }),
      { numRuns: 80 },
    );
  });
});

describe('previewGesture', () => {
  const fixedBefore = ({ all, budget }: { all: readonly Slot[]; budget: BudgetRecipe }) => fixedSparsities(budget, all);

  it('changes just the slots that are meant', () => {
    fc.assert(
      fc.property(cases, ({ all, budget, gesture }) => {
        const preview = tried(() => previewGesture(budget, gesture, all));
        fc.pre(preview !== undefined);
        const [before, now] = [fixedBefore({ all, budget }), fixedSparsities(preview, all)];
        const wanted = new Set('slots' in gesture ? gesture.slots : gesture.type === 'reset' ? all.map(({ name }) => name) : []);
        const cover = coverOf(all);
        for (const [i, slot] of all.entries()) {
          const isHeldByOwn = Object.keys(budget.allocate.fixed)
            .filter((glob) => cover(glob).includes(i))
            .slice(-1)
            .some((glob) => cover(glob).length === wanted.size && cover(glob).every((j) => wanted.has(all[j].name)));
          if (!wanted.has(slot.name)) expect(now[i]).toBe(before[i]);
          else if (gesture.type === 'release' || gesture.type === 'reset') expect(now[i]).toBeUndefined();
          else if (gesture.type === 'lock') expect(now[i]).toBe(before[i] ?? now[i] ?? Number.NaN);
          else if (gesture.type === 'set') {
            const isKept = gesture.respectLocks && before[i] !== undefined && !isHeldByOwn;
            expect(now[i]).toBe(isKept ? before[i] : Number(gesture.sparsity.toFixed(4)));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('locks at the budget there is: all of it, to the weight, where all is locked, and else to four digits', () => {
    fc.assert(
      fc.property(cases, ({ all, budget }) => {
        const before = tried(() => makeBudget(budget, all));
        fc.pre(before !== undefined);
        const locked = tried(() => previewGesture(budget, { type: 'lock', slots: all.map(({ name }) => name) }, all));
        fc.pre(locked !== undefined);
        expect(makeBudget(locked, all).map(({ zeros }) => zeros)).toEqual(before.map(({ zeros }) => zeros));
        const some = all.slice(0, Math.ceil(all.length / 2));
        const half = previewGesture(budget, { type: 'lock', slots: some.map(({ name }) => name) }, all);
        for (const [i, { zeros, fixed }] of makeBudget(half, all).slice(0, some.length).entries()) {
          expect(fixed).toBe(true);
          expect(Math.abs(zeros - before[i].zeros)).toBeLessThanOrEqual(0.5 + 0.00005 * all[i].out * all[i].in);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('gives back the budget when what was free is set and released', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), ({ all, budget, gesture }, respectLocks) => {
        fc.pre(gesture.type === 'set' || gesture.type === 'release');
        const before = fixedBefore({ all, budget });
        const free = gesture.slots.filter((name) => before[all.findIndex((slot) => slot.name === name)] === undefined);
        const there = previewGesture(budget, { type: 'set', slots: free, sparsity: 0.3, respectLocks }, all);
        const back = previewGesture(there, { type: 'release', slots: free }, all);
        expect(fixedSparsities(back, all)).toEqual(before);
        const whole = tried(() => makeBudget(budget, all));
        if (whole) expect(makeBudget(back, all).map(({ zeros }) => zeros)).toEqual(whole.map(({ zeros }) => zeros));
      }),
      { numRuns: 80 },
    );
  });

  it('has a nearest gesture whose total can be met, where one that cannot has one', () => {
    fc.assert(
      fc.property(cases, ({ all, budget, gesture }) => {
        fc.pre(gesture.type === 'set' || gesture.type === 'target');
        const nearest = nearestGesture(budget, gesture, all);
        fc.pre(nearest !== undefined);
        expect(tried(() => makeBudget(previewGesture(budget, nearest, all), all))).toBeDefined();
      }),
      { numRuns: 80 },
    );
  });
});
