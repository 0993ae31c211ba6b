/** `secateur prune RECIPE`: the run. */

import { run } from '../engine/run.ts';
import { SecateurError } from '../error.ts';
import { allocationTables } from '../protocol/allocation.ts';
import { reportTwinName } from '../protocol/file-names.ts';
import { formatCount, formatDuration, formatShare } from '../protocol/quantity.ts';
import { type Report, zerosAlone } from '../protocol/report.ts';
import { type Command, computeOptions, createContext, jsonOption } from './command.ts';
import { formatTable } from './format.ts';
import { cacheOptions, readRecipe, setOption } from './recipe-file.ts';

export const prune: Command = {
  usage: 'prune RECIPE',
  summary: 'Prune as the recipe says; resumes a run that was stopped or died.',
  options: {
    set: setOption,
    fresh: { type: 'boolean', help: 'Start over, and replace an earlier result at the same place.' },
    json: jsonOption,
    ...cacheOptions,
    ...computeOptions,
  },
  async run(args, world) {
    const { text, resolved, cacheFolder } = readRecipe(args, world);
    const ctx = createContext(args, world);
    try {
      const report = await run(resolved, { fresh: args.options.fresh === true, recipeText: text, cacheFolder }, ctx);
      ctx.end();
      world.out(args.options.json ? `${JSON.stringify(report, null, 2)}\n` : summarise(report, resolved.to));
      return 0;
    } catch (error) {
      if (!(error instanceof SecateurError) || error.code !== 'CANCELLED') throw error;
      throw new SecateurError('CANCELLED', error.message, 'Run the same command again to resume.', { cause: error });
    } finally {
      ctx.end();
    }
  },
};

function summarise(report: Report, to: string): string {
  const { sparsity, source, perplexity } = report;
  const rows = [
    ...(perplexity ? [['perplexity', perplexity.before.perplexity.toFixed(3), perplexity.after.perplexity.toFixed(3)]] : []),
    ['sparsity of the prunable weights', formatShare(report.source.zeros / sparsity.prunable), formatShare(sparsity.achieved)],
    ['zeros among them', formatCount(report.source.zeros), formatCount(sparsity.zeros)],
    ['weights that are not zero', formatCount(source.parameters - report.source.zeros), formatCount(source.parameters - sparsity.zeros)],
  ];
  const seconds = report.steps.reduce((sum, step) => sum + step.seconds, 0);
  const peak = Math.max(...report.steps.map((step) => step.peakBytes));
  return [
    formatTable(['', 'before', 'after'], rows),
    '',
    ...allocationTables(report).flatMap(({ title, head, rows, conclusion }) => [
      title,
      formatTable(head, rows),
      ...(conclusion ? [conclusion] : []),
      '',
    ]),
    ...report.notes,
    `${to}: written in ${formatDuration(seconds)}, peak memory ${Math.round(peak / 2 ** 20)} MiB; report in ${reportTwinName}`,
    zerosAlone,
    '',
  ].join('\n');
}
