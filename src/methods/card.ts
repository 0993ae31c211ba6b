/** What every method says of itself; the recipe schema, help, hover and reference pages are made from it. */

import type * as v from 'valibot';

/** An options schema: every entry has a default and a `v.description`, so that `{}` is always a valid choice. */
export type Options = v.ObjectSchema<v.ObjectEntries, undefined> | v.StrictObjectSchema<v.ObjectEntries, undefined>;

export interface Card<O extends Options> {
  readonly title: string;
  /** One sentence for a user who has not read the paper. */
  readonly summary: string;
  /** The formula in plain text, in the paper's letters. */
  readonly formula: string;
  /** `arXiv:…` or `doi:…` of the paper, or `null` for what has none. */
  readonly paper: string | null;
  readonly options: O;
}
