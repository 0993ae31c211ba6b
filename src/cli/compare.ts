/** `secateur compare DIR DIR`: two reports side by side. */

import { type Comparison, compareReports } from '../protocol/comparison.ts';
import { formatCount, formatShare } from '../protocol/quantity.ts';
import type { Report } from '../protocol/report.ts';
import { solveName } from '../recipe/solve-name.ts';
import { type Command, jsonOption } from './command.ts';
import { formatTable } from './format.ts';
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
