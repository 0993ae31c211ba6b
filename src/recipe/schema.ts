/** The recipe as a whole: what its text may hold, and the value it is read into. */

import * as v from 'valibot';
import { allocators } from '../methods/allocate/index.ts';
import type { Allocator } from '../methods/allocator.ts';
import type { measures } from '../methods/measure/index.ts';
import type { criteria } from '../methods/score/index.ts';
import type { solvers } from '../methods/solve/index.ts';
import type { MethodStep } from './method-step.ts';
import { model, sparsity, steps } from './steps.ts';

export interface Recipe {
  /** As the user wrote it, like all paths here. */
  readonly model: string;
  readonly sparsity: number;
  readonly pattern?: Pattern;
  readonly calibrate: {
    readonly text: string | readonly string[];
    readonly field: string;
    readonly samples: number;
    readonly length?: number;
    readonly seed: number;
    readonly flow: 'block-sequential' | 'dense' | 'true-sequential';
  };
  readonly measure: MethodStep<typeof measures>;
  readonly allocate: MethodStep<typeof allocators> & {
    readonly min: number;
    readonly max: number;
    readonly fixed: Readonly<Record<string, number>>;
  };
  readonly solve: MethodStep<typeof solvers> & {
    readonly score: MethodStep<typeof criteria>;
    readonly damping: number;
    readonly finish?: MethodStep<typeof solvers>;
  };
  readonly evaluate?: {
    readonly text: string;
    readonly field: string;
    readonly length?: number;
    readonly windows?: number;
    readonly control: boolean;
  };
  readonly save: { readonly format: 'safetensors'; readonly to?: string; readonly overwrite: boolean };
}

/** n weights kept of every m consecutive inputs of a row. */
export interface Pattern {
  readonly n: number;
  readonly m: number;
}

const patternText = /^([1-9]\d?):([1-9]\d?)$/;

/** What may stand in a recipe's text. */
export const fileSchema = v.strictObject({
  model,
  sparsity: v.optional(sparsity),
  pattern: v.optional(
    v.pipe(
      v.string(),
      v.regex(patternText),
      v.check((text) => isPattern(readPattern(text))),
      v.metadata({ words: 'n:m, n kept of every m, with n below m and m from 2 to 64, such as 2:4' }),
      v.description('Instead of `sparsity`: n weights are kept of every m consecutive inputs of a row.'),
    ),
  ),
  ...steps,
});

/** A recipe that was read: defaults filled in, `sparsity` there in any case, no `finish` that is `none`. */
export const recipeSchema = v.strictObject({
  model,
  sparsity,
  pattern: v.exactOptional(v.pipe(v.strictObject({ n: v.number(), m: v.number() }), v.check(isPattern))),
  ...steps,
}) as v.GenericSchema as v.GenericSchema<unknown, Recipe>;

/** The recipe in what `fileSchema` has let through; `sparsity` or `pattern` must be there. */
export function toRecipe({ pattern: text, ...file }: v.InferOutput<typeof fileSchema>): Recipe {
  const { finish, ...solve } = file.solve as Recipe['solve'];
  const { method } = file.allocate as Recipe['allocate'];
  const { feed }: Allocator = allocators[method];
  const pattern = text === undefined ? undefined : readPattern(text);
  return {
    ...file,
    sparsity: pattern ? 1 - pattern.n / pattern.m : file.sparsity,
    measure: file.measure ?? v.parse(steps.measure, { method: feed?.measure ?? 'error-curve' }),
    ...(pattern && { pattern }),
    solve: { ...solve, ...(finish && (finish.method as string) !== 'none' && { finish }) },
  } as Recipe;
}

/** The folder that is written where the recipe names none: beside the model, `SmolLM2-135M-50-obs`, `SmolLM2-135M-2of4-wanda`. */
export function defaultOutput({ model, sparsity, pattern, solve }: Recipe): string {
  const amount = pattern ? `${pattern.n}of${pattern.m}` : `${Number((100 * sparsity).toFixed(4))}`;
  const method = solve.method === 'mask' ? solve.score.method : solve.method;
  const tag = [amount, method, ...(solve.finish ? [solve.finish.method] : [])].join('-');
  const folder = model.replace(/[\\/]+$/, '');
  return /(^|[\\/])\.{0,2}$/.test(folder) ? `${folder}/../pruned-${tag}` : `${folder}-${tag}`;
}

export function readPattern(text: string): Pattern {
  const [, n, m] = patternText.exec(text) ?? [];
  return { n: Number(n), m: Number(m) };
}

function isPattern({ n, m }: Pattern): boolean {
  return Number.isInteger(n) && Number.isInteger(m) && n >= 1 && n < m && m <= 64;
}
