/** `secateur compare DIR DIR`: two reports side by side. */

import { solveName } from '../engine/plan.ts';
import type { Report } from '../protocol/report.ts';
import { type Command, jsonOption } from './command.ts';
import { formatCount, formatShare, formatTable } from './format.ts';
import { readReport } from './report.ts';

export const compare: Command = {
  usage: 'compare DIR DIR',
  summary: 'Two pruned checkpoints side by side.',
  options: { json: jsonOption },
  async run(args, world) {
    const [a, b] = args.positionals.map(readReport) as [Report, Report];
    const comparison = compareReports(a, b);
    world.out(args.options.json ? `${JSON.stringify(comparison, null, 2)}\n` : render(args.positionals, a, b, comparison));
    return 0;
  },
};

export interface Comparison {
  readonly sparsity: readonly [number, number];
  readonly zeros: readonly [number, number];
  /** After pruning. */
  readonly perplexity: readonly [number | null, number | null];
  /**
   * Mean and standard error of the second's minus the first's nats per token over the windows both were measured on;
   * `null` where the windows differ.
   */
  readonly pairedNll: { readonly mean: number; readonly standardError: number } | null;
  readonly matrices: readonly {
    readonly name: string;
    readonly sparsity: readonly [number | null, number | null];
    readonly relativeError: readonly [number | null, number | null];
  }[];
}

export function compareReports(a: Report, b: Report): Comparison {
  const byName = [a, b].map((report) => new Map(report.matrices.map((matrix) => [matrix.name, matrix])));
  const names = [...new Set([a, b].flatMap((report) => report.matrices.map((matrix) => matrix.name)))];
  const both = <T>(pick: (report: Report) => T): [T, T] => [pick(a), pick(b)];
  return {
    sparsity: both((report) => report.sparsity.achieved),
    zeros: both((report) => report.sparsity.zeros),
    perplexity: both((report) => report.perplexity?.after.perplexity ?? null),
    pairedNll: pairedNll(a, b),
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

function pairedNll(a: Report, b: Report): Comparison['pairedNll'] {
  if (!a.perplexity || !b.perplexity || !a.evaluation || !b.evaluation) return null;
  const same = (['sha256', 'windows', 'length'] as const).every((key) => a.evaluation?.[key] === b.evaluation?.[key]);
  if (!same || a.perplexity.after.windowNll.length !== b.perplexity.after.windowNll.length || a.evaluation.windows === 0) return null;
  const [first, second] = [a.perplexity.after.windowNll, b.perplexity.after.windowNll];
  const differences = first.map((nll, w) => second[w] - nll);
  const n = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, n - 1);
  return { mean, standardError: Math.sqrt(variance / n) };
}

function render(folders: readonly string[], a: Report, b: Report, comparison: Comparison): string {
  const figure = (value: number | null, format: (value: number) => string) => (value === null ? '' : format(value));
  const row = (name: string, values: readonly (number | null)[], format: (value: number) => string) => [
    name,
    ...values.map((value) => figure(value, format)),
  ];
  const { pairedNll: paired } = comparison;
  return [
    formatTable(
      ['', ...folders],
      [
        row('perplexity', comparison.perplexity, (value) => value.toFixed(3)),
        row('sparsity', comparison.sparsity, formatShare),
        row('zeros', comparison.zeros, formatCount),
        ['method', solveName(a.recipe.solve), solveName(b.recipe.solve)],
        ['allocation', a.recipe.allocate.method, b.recipe.allocate.method],
        ['calibration', a.calibration.description, b.calibration.description],
      ],
    ),
    '',
    paired
      ? `second minus first, paired over windows: ${paired.mean >= 0 ? '+' : ''}${paired.mean.toFixed(5)} ± ${paired.standardError.toFixed(5)} nats/token`
      : 'not measured on the same windows: the perplexities cannot be paired',
    '',
    formatTable(
      ['matrix', 'sparsity', 'sparsity', 'error', 'error'],
      comparison.matrices.map(({ name, sparsity, relativeError }) => [
        name,
        ...sparsity.map((value) => figure(value, formatShare)),
        ...relativeError.map((value) => figure(value, (error) => error.toPrecision(3))),
      ]),
    ),
    '',
  ].join('\n');
}
