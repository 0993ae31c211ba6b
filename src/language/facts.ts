/** What the world around a recipe is like, as far as its problems and hints depend on it: plain data for the features. */

import type { ErrorCode } from '../error.ts';
import type { Slot } from '../methods/allocator.ts';
import type { Sensitivity } from '../methods/sensitivity.ts';
import { placeOf } from '../recipe/fields.ts';
import { nodesOf, type OutlineNode } from '../recipe/outline.ts';
import type { Analysis } from './analysis.ts';
import { methodIn, schemaAt } from './schema-at.ts';

export interface Facts {
  readonly checkpoint: CheckpointFacts;
  /** What lies at the paths of the recipe, by the path as it is written; a path that is not there is not known. */
  readonly found: ReadonlyMap<string, Found>;
  /** What the recipe's measure found before; `null` where that is nothing. */
  readonly sensitivity: Sensitivity | null;
}

/** `result`: a folder that a run of Secateur wrote. */
export type Found = 'absent' | 'file' | 'folder' | 'result';

export type CheckpointFacts =
  /** The recipe names none, or has no folder that a path could start from. */
  | { readonly state: 'unknown' }
  | { readonly state: 'bad'; readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined }
  | ReadyCheckpoint;

export interface ReadyCheckpoint {
  readonly state: 'ready';
  readonly modelType: string;
  readonly nBlocks: number;
  /** Tokens. */
  readonly maxLength: number;
  /** Every matrix that can be pruned. */
  readonly slots: readonly Slot[];
}

/** For a document that lies nowhere. */
export const noFacts: Facts = { checkpoint: { state: 'unknown' }, found: new Map(), sensitivity: null };

export interface RecipePath {
  readonly node: OutlineNode;
  readonly place: NonNullable<ReturnType<typeof placeOf>>;
  /** As it is written. */
  readonly path: string;
}

/** Every path that the text has, also of a recipe with problems; `default` is none. */
export function pathsIn({ outline }: Pick<Analysis, 'outline'>): readonly RecipePath[] {
  const methodAt = methodIn(outline);
  return [...nodesOf(outline)].flatMap((node) => {
    const { scalar: path } = node;
    if (typeof path !== 'string' || path === '') return [];
    const schema = schemaAt(node.path, methodAt);
    const place = schema && placeOf(schema);
    return place && !(place === 'text' && path === 'default') ? [{ node, place, path }] : [];
  });
}
