/** Search: whole budgets of one total are tried out, and the best one is bettered again and again. */

import * as v from 'valibot';
import { createRandom } from '../../tensor/random.ts';
import type { Slot } from '../allocator.ts';
import { makeOffspring, type Zeros } from '../budget-moves.ts';
import { spanOf } from '../joint-trials.ts';
import type { Lab, Passage, Replacement } from '../lab.ts';
import { defineModelMeasure, type LinearInput } from '../measure.ts';
import { passageOptions } from '../passage-options.ts';
import type { Measured } from '../sensitivity.ts';

/** From which a search goes on; plain data. */
interface State {
  /** Of the best budget so far. */
  readonly zeros: Zeros;
  /** Its KL divergence on the passage on which it was last tried, nats a token. */
  readonly kl: number;
  /** That are done. */
  readonly generation: number;
  /** That all starts together have taken. */
  readonly minutes: number;
}

const stateSchema = v.object({
  zeros: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  kl: v.pipe(v.number(), v.finite()),
  generation: v.pipe(v.number(), v.integer(), v.minValue(0)),
  minutes: v.pipe(v.number(), v.minValue(0)),
});

type Options = Passage & { readonly minutes: number; readonly generations: number; readonly offspring: number; readonly seed: number };

/**
 *     z ← argmin over z and its offspring of  mean KL( p(dense) ‖ p(pruned to z) ),    Σ z_i the same for all
 *
 * A budget is the number of zeros of every matrix. The first parent is the best of those that are known before: uniform, the prior, and what
 * `curves` makes of earlier measures. Offspring move zeros between matrices. They are tried on a few windows first; the best quarter goes on
 * to more of them, and at last meets the parent on the whole passage, which is other windows in every generation, the same for all. Matrices
 * are pruned as by the recipe's solve step, from the statistics of the dense model.
 *
 * What is drawn depends on the seed and the generation alone: time only says when to stop, and a search that was stopped goes on as if
 * it had not been.
 *
 * @returns  the share of its weights that each matrix keeps in the best budget
 * @see      Sieberling et al. 2024, "EvoPress: Accurate Dynamic Model Compression via Evolutionary Search", arXiv:2410.14649, algorithm 1;
 *           here parents are seeded, moves have several sizes, and matrices are solved when they are first needed
 */
export const search = defineModelMeasure({
  title: 'Search',
  summary: 'Tries out whole budgets of the same total, and goes on from the best; stopped at any time, it leaves the best so far.',
  formula: 'z ← argmin over z and its offspring of mean KL(p_dense ‖ p_pruned to z), Σ z_i fixed; gives 1 - z_i / n_i',
  paper: 'arXiv:2410.14649',
  gives: 'share kept',
  unit: 'of the weights kept',
  scope: 'model',
  prunes: true,
  anytime: { ends: ['minutes', 'generations'] },
  options: v.strictObject({
    minutes: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0.1),
        v.maxValue(10_000),
        v.description('After so many minutes no further generation begins. What earlier starts of the same search took counts.'),
      ),
      30,
    ),
    generations: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000), v.description('How many generations there are at most.')),
      200,
    ),
    offspring: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256), v.description('Budgets that are tried in one generation.')),
      8,
    ),
    seed: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.maxValue(999_999_999),
        v.description('Draws the offspring. The same seed draws the same ones.'),
      ),
      0,
    ),
    ...passageOptions(4, 256),
  }),
  async measureModel(lab, options) {
    const known = readState(lab);
    let state: State | undefined;
    const goOn = (next: Omit<State, 'minutes'>) => {
      const shares = sharesOf(lab.slots, next.zeros);
      if (next.zeros !== state?.zeros) lab.found(new Map(shares.entries()));
      state = { ...next, minutes: (known?.minutes ?? 0) + lab.elapsedMs() / 60_000 };
      lab.keep(shares, state);
      return state;
    };
    let best = goOn(known ?? (await start(lab, options)));
    while (best.generation < options.generations && best.minutes < options.minutes) {
      const next = await advance(lab, options, best);
      if (!next) break;
      best = goOn(next);
    }
    return { measured: sharesOf(lab.slots, best.zeros) };
  },
});

/** A state that does not fit the model is none. */
function readState({ kept, slots }: Lab): State | undefined {
  const { success, output } = v.safeParse(stateSchema, kept());
  const fits = success && output.zeros.length === slots.length && output.zeros.every((zeros, i) => zeros <= slots[i].out * slots[i].in);
  return fits ? output : undefined;
}

async function start(lab: Lab, { windows, length }: Passage): Promise<Omit<State, 'minutes'>> {
  lab.stage(0, 0, 'known budgets');
  const seeds = await lab.seeds();
  const losses = await tryAll(
    lab,
    seeds.map(({ zeros }) => zeros),
    { windows, length, firstWindow: 0 },
  );
  const best = leastOf(losses);
  lab.report(1, `the best is ${seeds[best].name}, KL ${losses[best].toPrecision(3)}`);
  return { zeros: seeds[best].zeros, kl: losses[best], generation: 0 };
}

/** @returns  `undefined` where there is no other budget than the parent */
async function advance(lab: Lab, options: Options, parent: State): Promise<State | undefined> {
  const { offspring, seed, length } = options;
  const { generation } = parent;
  let budgets: readonly Zeros[] = makeOffspring(parent.zeros, lab.slots, offspring, createRandom(seed * 2 ** 20 + generation));
  if (budgets.length === 0) return undefined;
  const stages = stagesOf(Math.min(options.windows, lab.windows));
  let firstWindow = generation * stages.reduce((sum, n) => sum + n, 0);
  const [from, to] = [generation, generation + 1].map((n) => Math.max(n / options.generations, parent.minutes / options.minutes));
  const tryStage = (stage: number, tried: readonly Zeros[]) => {
    const at = (n: number) => from + ((to - from) * n) / stages.length;
    lab.stage(at(stage), at(stage + 1), `generation ${generation + 1}, KL ${parent.kl.toPrecision(3)}`);
    const passage = { windows: stages[stage], length, firstWindow };
    firstWindow += stages[stage];
    return tryAll(lab, tried, passage);
  };
  for (let stage = 0; stage < stages.length - 1; stage++) {
    const losses = await tryStage(stage, budgets);
    const order = losses.map((_, i) => i).sort((a, b) => losses[a] - losses[b]);
    budgets = order.slice(0, Math.ceil(budgets.length / stageFactor)).map((i) => budgets[i]);
  }
  const last = [parent.zeros, ...budgets];
  const losses = await tryStage(stages.length - 1, last);
  const best = leastOf(losses);
  return { ...parent, zeros: last[best], kl: losses[best], generation: generation + 1 };
}

/** Each stage reads so many times the windows of the one before it, and is reached by that much fewer budgets. */
const stageFactor = 4;

/** Windows of each stage: one in the first, all of them in the last. */
function stagesOf(windows: number): number[] {
  return windows === 1 ? [1] : [...stagesOf(Math.ceil(windows / stageFactor)), windows];
}

/** The KL divergence of each budget, on the same passage. */
async function tryAll(lab: Lab, budgets: readonly Zeros[], passage: Passage & { readonly firstWindow: number }): Promise<number[]> {
  const { slots } = lab;
  const versions = slots.map((_, slot) => new Set(budgets.map((zeros) => zeros[slot])).size);
  const index = new Map(slots.map(({ name }, slot) => [name, slot]));
  const shifts = await lab.tryOut({
    ...passage,
    spans: budgets.map((zeros) => spanOf(slots, (slot) => zeros[slot] > 0)),
    versions: Math.max(...versions),
    needs: ['gram', 'norms', 'windows'],
    async propose({ linears }) {
      const replacements: Replacement[] = [];
      for (const [linear, input] of linears.entries())
        replacements.push(
          ...(await replace(
            lab,
            input,
            linear,
            budgets.map((zeros) => zeros[index.get(input.slot.name)!]),
          )),
        );
      return replacements;
    },
  });
  return shifts.map(({ kl }) => kl);
}

async function replace(lab: Lab, input: LinearInput, linear: number, counts: readonly number[]): Promise<Replacement[]> {
  const replacements: Replacement[] = [];
  for (const zeros of new Set(counts)) {
    if (zeros === 0) continue;
    const weight = await lab.prune(input, zeros / (input.slot.out * input.slot.in));
    replacements.push(...counts.flatMap((count, trial) => (count === zeros ? [{ trial, linear, weight }] : [])));
  }
  return replacements;
}

/** The first of the least. */
function leastOf(losses: readonly number[]): number {
  return losses.indexOf(Math.min(...losses));
}

function sharesOf(slots: readonly Slot[], zeros: Zeros): Measured[] {
  return slots.map(({ out, in: width }, slot) => ({ value: 1 - zeros[slot] / (out * width) }));
}
