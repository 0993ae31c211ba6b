/** The report of a run: one schema that is the type, and the check at the door where a report comes back from disk. */

import * as v from 'valibot';
import { recipeSchema } from '../recipe/schema.ts';
import { gives } from './sensitivity.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const list = <S extends v.GenericSchema>(item: S) => v.pipe(v.array(item), v.maxLength(1_000_000), v.readonly());

const fileDigest = v.object({ name: v.string(), bytes: count, sha256: v.string() });

const matrixReport = v.object({
  name: v.string(),
  /** Index of the decoder block. */
  block: count,
  kind: v.string(),
  /** `[out, in]`. */
  shape: v.pipe(v.tuple([count, count]), v.readonly()),
  dtype: v.string(),
  /** Sparsity the budget gave it. */
  asked: share,
  /** Zeros counted in the bytes of the written file. */
  zeros: count,
  sparsity: share,
  /** The allocator, the pattern, or the glob of the recipe that fixed it. */
  setBy: v.string(),
  /** tr((W-V)H(W-V)ᵀ) / tr(WHWᵀ), H undamped, V as stored in the file. */
  relativeError: v.number(),
  /** The same for the dense weight under the same mask, to show what the solver gained. */
  maskOnlyError: v.number(),
  /** Damping the solver ended with; above the recipe's where the Hessian could not be factored with that. 0 where none was used. */
  damping: v.number(),
  /** Kept weights that rounded to zero and were raised to the smallest number of the dtype. */
  nudged: count,
  /** Where the allocator was fed: what `measure` found of the matrix, larger = more sensitive; rank 1 is the most. */
  sensitivity: v.exactOptional(v.object({ value: v.number(), standardError: v.exactOptional(v.number()), rank: count })),
  /** The matrix in the uniform control, where that was asked for. */
  control: v.exactOptional(v.object({ zeros: count, sparsity: share, relativeError: v.number(), maskOnlyError: v.number() })),
});

const perplexity = v.object({
  perplexity: v.number(),
  /** Mean negative log likelihood, nats per token. */
  nll: v.number(),
  /** Predictions made: windows × (length - 1). */
  tokens: count,
  windows: count,
  length: count,
  /** Mean NLL of each window, for paired comparisons. */
  windowNll: list(v.number()),
});

const estimate = v.object({
  value: v.number(),
  /** What holds the measured figure in nine of ten cases; `null` where the measure has learned none. */
  interval: v.nullable(v.pipe(v.tuple([v.number(), v.number()]), v.readonly())),
});

const predicted = {
  /** KL divergence from the dense model's predictions, mean nats per token. */
  kl: estimate,
  /** On the evaluation text; `null` where the dense model was not evaluated. */
  perplexity: v.nullable(estimate),
};

const textDigest = {
  description: v.string(),
  windows: count,
  length: count,
  /** Of the token ids, int32 little-endian. */
  sha256: v.string(),
};

const stepReport = v.object({
  step: v.string(),
  seconds: v.number(),
  /** The process's highest resident memory by the end of the step, bytes. */
  peakBytes: count,
});

const reportSchema = v.object({
  format: v.literal(1),
  /** The version that made it. */
  secateur: v.string(),
  /** The hash of everything that decides the bytes of the result. */
  key: v.string(),
  /** What was asked, every default filled in. */
  recipe: recipeSchema,
  source: v.object({
    path: v.string(),
    modelType: v.string(),
    parameters: count,
    prunable: count,
    files: list(fileDigest),
    /** Zeros that the prunable weights have in the source. */
    zeros: count,
  }),
  output: v.object({
    files: list(fileDigest),
    /** Names of all other files of the result. */
    others: list(v.string()),
  }),
  sparsity: v.object({ asked: share, achieved: share, zeros: count, prunable: count }),
  calibration: v.object({ ...textDigest, seed: v.number(), flow: v.string() }),
  evaluation: v.nullable(v.object({ ...textDigest, protocol: v.string() })),
  perplexity: v.nullable(v.object({ before: perplexity, after: perplexity })),
  /** What the allocator was fed; absent where it is fed nothing. */
  measure: v.exactOptional(v.object({ method: v.string(), gives, unit: v.string(), description: v.string() })),
  /** The same checkpoint with as many zeros shared out uniformly, all else the same, on the same windows. */
  control: v.exactOptional(v.object({ zeros: count, perplexity })),
  /** Where the measure gives losses: what they say of the written sparsities, and how many prunings as a whole they have learned from. */
  prediction: v.exactOptional(v.object({ trials: count, ...predicted, control: v.exactOptional(v.object(predicted)) })),
  matrices: list(matrixReport),
  steps: list(stepReport),
  environment: v.object({
    provider: v.string(),
    threads: count,
    node: v.string(),
    onnxruntime: v.string(),
    platform: v.string(),
    cpu: v.string(),
  }),
  /** How often the run was interrupted and resumed. */
  resumed: count,
  notes: list(v.string()),
});

export type Report = v.InferOutput<typeof reportSchema>;
export type MatrixReport = v.InferOutput<typeof matrixReport>;
export type Perplexity = v.InferOutput<typeof perplexity>;
export type PredictedFigures = Pick<NonNullable<Report['prediction']>, 'kl' | 'perplexity'>;
export type StepReport = v.InferOutput<typeof stepReport>;
export type FileDigest = v.InferOutput<typeof fileDigest>;

/** Beyond the file of any model's report; what is larger is not read into memory. */
export const mostReportBytes = 256 * 2 ** 20;

/** What everyone who sees a sparsity is told with it. */
export const zerosAlone = 'Zeros alone make a dense file neither smaller nor faster; a sparse runtime or a sparse format does.';

/** A report from parsed JSON, or what is wrong with it. */
export function parseReport(json: unknown): { readonly report: Report } | { readonly problem: string } {
  const result = v.safeParse(reportSchema, json);
  if (result.success) return { report: result.output };
  const issue = result.issues[0];
  const flaw = issue.type === 'regex' ? 'a value that it cannot have' : issue.message;
  return { problem: `${v.getDotPath(issue) ?? 'the whole'}: ${flaw}` };
}
