/** From a place in a recipe to what the schema says of it. */

import { type Entries, type Method, type Shape, shapeOf } from '../recipe/fields.ts';
import { findNode, type OutlineNode } from '../recipe/outline.ts';
import type { Path } from '../recipe/problem.ts';
import { fileSchema } from '../recipe/schema.ts';

export type Schema = Entries[string];

/** The method a text names for the step at a path, whether or not there is one of that name. */
export type MethodAt = (step: Path) => unknown;

/** The schema of the value at a path; `undefined` where nothing may stand there. Under a method that does not exist, any method's key. */
export function schemaAt(path: Path, methodAt: MethodAt): Schema | undefined {
  let schema: Schema | undefined = fileSchema;
  for (const [depth, step] of path.entries()) schema = schema && innerSchema(shapeOf(schema), step, () => methodAt(path.slice(0, depth)));
  return schema;
}

/** The keys that a map at this place may have. */
export function entriesOf(shape: Shape, method: unknown): Entries {
  if (shape.kind === 'map') return shape.entries;
  if (shape.kind !== 'step') return {};
  const known = methodOf(shape, method);
  if (known) return known.entries;
  return Object.assign({}, ...[...shape.methods.values()].map(({ entries }) => entries).toReversed());
}

/** The method that a step goes by. */
function methodOf(shape: Shape & { kind: 'step' }, method: unknown): Method | undefined {
  return shape.methods.get(String(method ?? shape.fallback));
}

export function methodIn(outline: OutlineNode): MethodAt {
  return (step) => findNode(outline, [...step, 'method'])?.scalar;
}

function innerSchema(shape: Shape, step: string | number, method: () => unknown): Schema | undefined {
  if (shape.kind === 'value') return typeof step === 'number' ? shape.item : undefined;
  if (shape.kind === 'record') return shape.value;
  const entries = entriesOf(shape, method());
  return Object.hasOwn(entries, step) ? entries[step] : undefined;
}
