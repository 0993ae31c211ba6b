/** The report of a run as data: what was asked, what is in the written file, and what it was made with. */

import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { ranksOf, type Sensitivity } from '../methods/sensitivity.ts';
import type { Plan } from '../protocol/data.ts';
import type { MatrixReport, Perplexity, Report, StepReport } from '../protocol/report.ts';
import { version } from '../version.ts';
import type { Context } from './context.ts';
import type { Control } from './control.ts';
import type { Digest } from './digest.ts';
import { protocol } from './evaluate.ts';
import type { JournalEntry } from './journal.ts';
import type { ResolvedRecipe } from './plan.ts';
import { predictRun } from './prediction.ts';
import { sumSteps } from './stopwatch.ts';
import type { Target } from './target.ts';
import type { Windows } from './texts.ts';

export interface Outcome {
  readonly key: string;
  readonly resolved: ResolvedRecipe;
  readonly plan: Plan;
  readonly texts: { readonly calibration: Windows; readonly evaluation: Windows | undefined };
  readonly copied: Extract<JournalEntry, { type: 'copied' }>;
  /** Of the written files. */
  readonly digests: readonly Digest[];
  readonly timing: readonly StepReport[];
  /** Names of the files the run adds: report and recipe. */
  readonly ownNames: readonly string[];
  /** What the allocator was fed; `null` where it takes nothing. */
  readonly sensitivity: Sensitivity | null;
  readonly before: Perplexity | undefined;
  readonly after: Perplexity | undefined;
  readonly control: Control | undefined;
  readonly target: Target;
  readonly ctx: Context;
}

export function makeReport(outcome: Outcome): Report {
  const { key, resolved, plan, texts, copied, digests, sensitivity, before, after, control, target, ctx } = outcome;
  const { recipe } = resolved;
  const written = countWritten(target, digests);
  const matrices = besides(written, sensitivity, control);
  const prediction = predictRun(sensitivity, { own: written, control: control?.matrices }, before);
  const { entries } = target.journal;
  return {
    format: 1,
    secateur: version,
    key,
    recipe,
    source: {
      path: resolved.model,
      modelType: plan.modelType,
      parameters: plan.parameters,
      prunable: plan.prunable,
      files: copied.files,
      zeros: Object.values(copied.zeros).reduce((sum, zeros) => sum + zeros, 0),
    },
    output: {
      files: digests.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
      others: [...copied.others.map((file) => file.name), ...outcome.ownNames],
    },
    sparsity: totals(plan, matrices),
    calibration: { ...digestOf(texts.calibration), seed: recipe.calibrate.seed, flow: recipe.calibrate.flow },
    evaluation: texts.evaluation ? { ...digestOf(texts.evaluation), protocol } : null,
    perplexity: before && after ? { before, after } : null,
    ...(sensitivity && {
      measure: { method: sensitivity.method, gives: sensitivity.gives, unit: sensitivity.unit, description: sensitivity.description },
    }),
    ...(control && { control: { zeros: zerosIn(control.matrices), perplexity: control.perplexity } }),
    ...(prediction && { prediction }),
    matrices,
    steps: sumSteps(outcome.timing),
    environment: environment(ctx),
    resumed: entries.filter((entry) => entry.type === 'resumed').length,
    notes: [...notesOf(plan, matrices, recipe.solve.damping), ...(recipe.evaluate?.control && !control ? [ownControl] : [])],
  };
}

const ownControl = 'The budget is the uniform one, so that the result is its own control.';

/** The matrices with what was found of them beside their own pruning. */
function besides(matrices: readonly MatrixReport[], sensitivity: Sensitivity | null, control: Control | undefined): MatrixReport[] {
  const found = sensitivity?.matrices ?? [];
  const ranks = ranksOf(found.map(({ value }) => value));
  const measured = new Map(
    found.map(({ name, value, standardError }, i) => [
      name,
      { sensitivity: { value, ...(standardError !== undefined && { standardError }), rank: ranks[i] } },
    ]),
  );
  const uniform = new Map(
    control?.matrices.map(({ name, zeros, sparsity, relativeError, maskOnlyError }) => [
      name,
      { control: { zeros, sparsity, relativeError, maskOnlyError } },
    ]),
  );
  return matrices.map((matrix) => ({ ...matrix, ...measured.get(matrix.name), ...uniform.get(matrix.name) }));
}

/** What the figures were made with. */
export function environment({ runtime }: Context): Report['environment'] {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return {
    provider: runtime.provider,
    threads: runtime.threads,
    node: process.version,
    onnxruntime: version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
  };
}

/** The matrices with the zeros that are in the written bytes; a count other than the one that was to be written is a bug, and is not hidden. */
export function countWritten(target: Pick<Target, 'journal'>, digests: readonly Digest[]): MatrixReport[] {
  const found = new Map(digests.flatMap((digest) => [...digest.zeros]));
  const solved = target.journal.entries.flatMap((entry) => (entry.type === 'block' ? entry.matrices : []));
  return solved.map((matrix) => {
    const zeros = found.get(matrix.name)!;
    if (zeros !== matrix.zeros) throw new Error(`${matrix.name}: the file has ${zeros} zeros where ${matrix.zeros} were written`);
    return { ...matrix, sparsity: zeros / (matrix.shape[0] * matrix.shape[1]) };
  });
}

function zerosIn(matrices: readonly Pick<MatrixReport, 'zeros'>[]): number {
  return matrices.reduce((sum, { zeros }) => sum + zeros, 0);
}

function totals({ sparsity, prunable }: Plan, matrices: readonly MatrixReport[]): Report['sparsity'] {
  const zeros = zerosIn(matrices);
  return { asked: sparsity, achieved: zeros / prunable, zeros, prunable };
}

function notesOf(plan: Plan, matrices: readonly MatrixReport[], damping: number): string[] {
  const raised = matrices.filter((matrix) => matrix.damping > damping);
  const nudged = matrices.reduce((sum, matrix) => sum + matrix.nudged, 0);
  const surplus = zerosIn(matrices) - plan.zeros;
  const empty = matrices.filter(({ sparsity }) => sparsity === 1).length;
  return [
    ...raised.map((matrix) => `${matrix.name}: the Hessian could not be factored with damping ${damping}; ${matrix.damping} was used.`),
    ...(nudged > 0 ? [`${nudged} kept weights rounded to zero and were raised to the smallest number of their dtype.`] : []),
    ...(empty > 0 ? [`${empty} of ${matrices.length} matrices have no weight left; a lower allocate.max keeps some in each.`] : []),
    ...(surplus > 0 ? [`The source already has ${surplus} zeros more than were asked for; they were left.`] : []),
  ];
}

function digestOf({ description, samples, length, sha256 }: Windows) {
  return { description, windows: samples, length, sha256 };
}
