/** Makes the schema of a step from the cards of the methods it may name. */

import * as v from 'valibot';
import type { Card, Options } from '../methods/card.ts';
import { solvers } from '../methods/solve/index.ts';
import type { Solver } from '../methods/solver.ts';

/** A step as it is written: the method's options stand flat beside its name. */
export type MethodStep<R extends Readonly<Record<string, Card<Options>>>> = {
  [K in keyof R & string]: { readonly method: K } & Readonly<v.InferOutput<R[K]['options']>>;
}[keyof R & string];

/**
 * @param fallback  the method where none is named; `undefined` where one must be
 * @param before    keys that every method of this step has, to stand before its own options
 * @param after     the same, to stand after
 */
export function methodStep(
  methods: Readonly<Record<string, Card<Options>>>,
  fallback: string | undefined,
  before: v.ObjectEntries,
  after: v.ObjectEntries,
): v.GenericSchema<Record<string, unknown>> {
  const options = Object.entries(methods).map(([name, { title, summary, formula, paper, options }]) => {
    const literal = v.literal(name);
    const method = name === fallback ? v.optional(literal, name) : literal;
    return v.pipe(
      v.strictObject({ method, ...before, ...options.entries, ...after }),
      v.title(title),
      v.description(summary),
      v.metadata({ formula, paper }),
    );
  });
  return v.variant('method', options);
}

/** Solvers that can better the result of another: they keep to a given mask, and know the inputs. */
export const refiners: Readonly<Record<string, Card<Options>>> = {
  none: { title: 'None', summary: 'Leaves the weights as the solver made them.', formula: '', paper: null, options: v.strictObject({}) },
  ...Object.fromEntries(Object.entries<Solver>(solvers).filter(([, solver]) => refines(solver))),
};

function refines(solver: Solver): boolean {
  return solver.scope === 'linear' && !solver.choosesMask && solver.needs.length > 0;
}
