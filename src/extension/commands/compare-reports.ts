/** Compare Reports…: two reports beside each other, matrix by matrix. */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Uri } from 'vscode';
import { reportFileName } from '../../protocol/file-names.ts';
import { openComparison } from '../panels/report-editor.ts';
import { checkpointOf, pickReport, reportIn } from '../pick.ts';
import { uriOf } from '../recipe-files.ts';
import type { CommandHandler } from './command.ts';

/** The explorer hands over the file under the pointer, then all that are selected. */
export const compareReports: CommandHandler = async ({ context }, argument, selection) => {
  const chosen = Array.isArray(selection) && selection.length === 2 ? selection : [argument, selection];
  const [first, second] = chosen.map((value) => reportOf(uriOf(value)));
  const one = first ?? (await pickReport('Compare Reports: the first'));
  if (!one) return;
  const other = second ?? (await pickReport(`Compare ${basename(checkpointOf(one))} with`, [one]));
  if (other) openComparison(context.extensionUri, one, other);
};

function reportOf(uri: Uri | undefined): Uri | undefined {
  if (!uri || basename(uri.path) === reportFileName) return uri;
  const report = reportIn(checkpointOf(uri));
  return existsSync(report.fsPath) ? report : undefined;
}
