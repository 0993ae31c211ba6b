/** A comparison of two reports as Markdown. */

import {
  type Comparison,
  compareReports,
  type Difference,
  formatSigned,
  pairedSentence,
  provenanceDifferences,
  recipeDifferences,
  whyIncomparable,
} from './comparison.ts';
import { code, folded, table } from './markdown.ts';
import { formatCount, formatShare } from './quantity.ts';
import type { Report } from './report.ts';

interface Titled {
  readonly title: string;
  readonly report: Report;
}

export function renderComparison(first: Titled, second: Titled): string {
  const [a, b] = [first.report, second.report];
  const reason = whyIncomparable(a, b);
  return [
    `# ${code(first.title)} and ${code(second.title)}`,
    '',
    ...(reason ? [`These reports cannot be compared matrix by matrix. ${reason}`] : figures(compareReports(a, b), b)),
    ...differences('Recipe', 'The recipes are the same.', recipeDifferences(a, b)),
    ...differences('Provenance', 'Source, texts, version and machine are the same.', provenanceDifferences(a, b)),
    '',
  ].join('\n');
}

function figures({ perplexity, sparsity, zeros, pairedNll, matrices }: Comparison, second: Report): string[] {
  return [
    table(
      ['', 'first', 'second'],
      [
        ['perplexity', ...perplexity.map((value) => value?.toFixed(3) ?? 'not measured')],
        ['sparsity', ...sparsity.map(formatShare)],
        ['zeros', ...zeros.map(formatCount)],
      ],
    ),
    '',
    pairedNll
      ? `Second minus first: ${pairedSentence(pairedNll, second.perplexity!.after.windows)}.`
      : 'Not measured on the same windows: the perplexities cannot be paired.',
    '',
    ...folded(
      `All ${matrices.length} matrices`,
      table(
        ['matrix', 'first error', 'second error', 'difference'],
        matrices
          .map(matrixRow)
          .toSorted(bySize)
          .map(([row]) => row),
      ),
    ),
  ];
}

function matrixRow({ name, relativeError: [first, second] }: Comparison['matrices'][number]): [row: string[], size: number] {
  const delta = first === null || second === null ? null : second - first;
  const figure = (value: number | null) => value?.toPrecision(3) ?? 'none';
  return [
    [code(name), figure(first), figure(second), delta === null ? 'none' : formatSigned(delta, (value) => value.toPrecision(3))],
    Math.abs(delta ?? 0),
  ];
}

function bySize([, a]: readonly [unknown, number], [, b]: readonly [unknown, number]): number {
  return b - a;
}

function differences(title: string, none: string, list: readonly Difference[]): string[] {
  const cell = (value: string | null) => (value === null ? 'absent' : code(value));
  return [
    '',
    `## ${title}`,
    '',
    list.length === 0
      ? none
      : table(
          ['key', 'first', 'second'],
          list.map(({ key, values }) => [code(key), ...values.map(cell)]),
          3,
        ),
  ];
}
