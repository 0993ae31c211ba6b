/** `secateur report DIR`: the report of a pruned checkpoint. */

import { join } from 'node:path';
import { readJson } from '../engine/checkpoint.ts';
import { SecateurError } from '../error.ts';
import { reportFileName } from '../protocol/file-names.ts';
import { parseReport, type Report } from '../protocol/report.ts';
import { renderReport } from '../protocol/report-markdown.ts';
import { type Command, jsonOption } from './command.ts';

export const report: Command = {
  usage: 'report DIR',
  summary: 'The report of a pruned checkpoint.',
  options: { json: jsonOption },
  async run(args, world) {
    const found = readReport(args.positionals[0]);
    world.out(args.options.json ? `${JSON.stringify(found, null, 2)}\n` : renderReport(found));
    return 0;
  },
};

/** The report in a folder; `FILE_MISSING` or `BAD_FILE` where there is none that can be read. */
export function readReport(folder: string): Report {
  const path = join(folder, reportFileName);
  const result = parseReport(readJson(path, 'Name the folder of a pruned checkpoint.'));
  if ('report' in result) return result.report;
  throw new SecateurError('BAD_FILE', `${path}: ${result.problem}`, 'It may come from a later version of Secateur.');
}
