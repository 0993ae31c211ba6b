/** A sensitivity as a file: its shape, and the check at the door where one comes back from disk. */

import * as v from 'valibot';
import type { Gives, Sensitivity } from '../methods/sensitivity.ts';

const figure = v.pipe(v.number(), v.finite());
const list = <S extends v.GenericSchema>(item: S) => v.pipe(v.array(item), v.maxLength(1_000_000), v.readonly());

const curve = v.pipe(
  v.array(v.object({ sparsity: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), error: figure })),
  v.minLength(1),
  v.maxLength(1000),
  // It is read on straight lines between its points, which two of one sparsity do not have.
  v.check((points) => points.every(({ sparsity }, i) => i === 0 || sparsity > points[i - 1].sparsity)),
  v.readonly(),
);

export const gives = v.picklist(['value', 'output error', 'loss', 'share kept'] satisfies Gives[]);

const sensitivitySchema: v.GenericSchema<unknown, Sensitivity> = v.pipe(
  v.object({
    method: v.string(),
    gives,
    unit: v.string(),
    matrices: list(v.object({ name: v.string(), value: figure, standardError: v.exactOptional(figure), curve: v.exactOptional(curve) })),
    joint: v.exactOptional(list(v.object({ predicted: figure, kl: figure, nll: figure }))),
    unfinished: v.exactOptional(v.literal(true)),
    description: v.string(),
  }),
  // What gives curves gives one of every matrix.
  v.check(({ gives, matrices }) => (gives !== 'loss' && gives !== 'output error') || matrices.every(({ curve }) => curve)),
);

/** Of the files; those of another number are not read. */
export const sensitivityFormat = 2;

const fileSchema = v.object({ format: v.literal(sensitivityFormat), sensitivity: sensitivitySchema });

export type SensitivityFile = v.InferOutput<typeof fileSchema>;

/** What parsed JSON holds; `undefined` where that is no sensitivity of this format. */
export function parseSensitivity(json: unknown): Sensitivity | undefined {
  const result = v.safeParse(fileSchema, json);
  return result.success ? result.output.sensitivity : undefined;
}
