/** Two reports side by side: the figures of both, and what differs in how they came about. */

import type { MatrixReport, Perplexity, Report } from './report.ts';

export interface Comparison {
  readonly sparsity: readonly [number, number];
  readonly zeros: readonly [number, number];
  /** After pruning. */
  readonly perplexity: readonly [number | null, number | null];
  /** The second's minus the first's; `null` where they were not measured on the same windows. */
  readonly pairedNll: PairedNll | null;
  readonly matrices: readonly {
    readonly name: string;
    readonly sparsity: readonly [number | null, number | null];
    readonly relativeError: readonly [number | null, number | null];
  }[];
}

/** Mean and standard error of a difference in nats per token, over windows that both sides were measured on. */
export interface PairedNll {
  readonly mean: number;
  readonly standardError: number;
}

export function compareReports(a: Report, b: Report): Comparison {
  const byName = [a, b].map((report) => new Map(report.matrices.map((matrix) => [matrix.name, matrix])));
  const names = [...new Set([a, b].flatMap((report) => report.matrices.map((matrix) => matrix.name)))];
  const both = <T>(pick: (report: Report) => T): [T, T] => [pick(a), pick(b)];
  return {
    sparsity: both((report) => report.sparsity.achieved),
    zeros: both((report) => report.sparsity.zeros),
    perplexity: both((report) => report.perplexity?.after.perplexity ?? null),
    pairedNll: pairReports(a, b),
    matrices: names.map((name) => {
      const [first, second] = byName.map((matrices) => matrices.get(name));
      return {
        name,
        sparsity: [first?.sparsity ?? null, second?.sparsity ?? null],
        relativeError: [first?.relativeError ?? null, second?.relativeError ?? null],
      };
    }),
  };
}

function pairReports(a: Report, b: Report): PairedNll | null {
  if (!a.perplexity || !b.perplexity || !a.evaluation || !b.evaluation) return null;
  const same = (['sha256', 'windows', 'length'] as const).every((key) => a.evaluation?.[key] === b.evaluation?.[key]);
  return same ? pairNll(a.perplexity.after, b.perplexity.after) : null;
}

/** The second's minus the first's nats per token, window by window; `null` where there are no windows or not as many of both. */
export function pairNll(first: Perplexity, second: Perplexity): PairedNll | null {
  const n = first.windowNll.length;
  if (n === 0 || second.windowNll.length !== n) return null;
  const differences = first.windowNll.map((nll, w) => second.windowNll[w] - nll);
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, n - 1);
  return { mean, standardError: Math.sqrt(variance / n) };
}

/** `+0.1922 ± 0.0040 nats per token, paired over 144 windows`. */
export function pairedSentence({ mean, standardError }: PairedNll, nWindows: number): string {
  const windows = `${nWindows} ${nWindows === 1 ? 'window' : 'windows'}`;
  return `${formatSigned(mean, (value) => value.toFixed(4))} ± ${standardError.toFixed(4)} nats per token, paired over ${windows}`;
}

/** `+1.25`, `−0.5`, `±0`; a true minus, which a proportional font draws as wide as the plus. */
export function formatSigned(value: number, format: (value: number) => string): string {
  const text = format(Math.abs(value));
  return value < 0 ? `−${text}` : value > 0 ? `+${text}` : `±${text}`;
}

/** Why matrices of two reports cannot be set side by side, in a sentence; `null` where they can. */
export function whyIncomparable(a: Report, b: Report): string | null {
  if (a.matrices.length !== b.matrices.length)
    return `The first report is of a model with ${matrices(a)}, the second of one with ${matrices(b)}.`;
  const second = new Map(b.matrices.map((matrix) => [matrix.name, matrix]));
  for (const matrix of a.matrices) {
    const other = second.get(matrix.name);
    if (!other) return `The second report has no matrix ${matrix.name}.`;
    if (shape(matrix) !== shape(other)) return `${matrix.name} is ${shape(matrix)} in the first report and ${shape(other)} in the second.`;
  }
  return null;
}

function matrices(report: Report): string {
  return `${report.matrices.length} ${report.matrices.length === 1 ? 'matrix' : 'matrices'}`;
}

function shape(matrix: MatrixReport): string {
  return matrix.shape.join(' × ');
}

/** A setting that two reports do not share. */
export interface Difference {
  /** As in a recipe, `solve.score.method`. */
  readonly key: string;
  /** As JSON; `null` where the setting is absent. */
  readonly values: readonly [string | null, string | null];
}

export function recipeDifferences(a: Report, b: Report): Difference[] {
  return differences(a.recipe, b.recipe);
}

/** Source, texts, version and machine, as far as they differ. */
export function provenanceDifferences(a: Report, b: Report): Difference[] {
  return differences(provenance(a), provenance(b));
}

function provenance({ source, calibration, evaluation, secateur, environment, resumed }: Report): unknown {
  const files = source.files.map(({ name, bytes, sha256 }) => [name, { bytes, sha256 }]);
  return { source: { ...source, files: Object.fromEntries(files) }, calibration, evaluation, secateur, environment, resumed };
}

function differences(a: unknown, b: unknown): Difference[] {
  const [first, second] = [new Map(leaves(a, '')), new Map(leaves(b, ''))];
  return [...new Set([...first.keys(), ...second.keys()])]
    .map((key) => ({ key, values: [first.get(key) ?? null, second.get(key) ?? null] as const }))
    .filter(({ values }) => values[0] !== values[1]);
}

/** Every leaf of plain data under its path; a list counts as one, and `null` as absent. */
function leaves(value: unknown, path: string): [string, string][] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, join(path, key)));
}

function join(path: string, key: string): string {
  if (!/^\w+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
