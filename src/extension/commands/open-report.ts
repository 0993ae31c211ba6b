/** Open Report: of a recipe's result, of a checkpoint, or one that the user picks. */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { commands, type Uri } from 'vscode';
import { SecateurError } from '../../error.ts';
import { requests } from '../../protocol/engine.ts';
import { reportFileName } from '../../protocol/file-names.ts';
import { reportEditor } from '../contributes/editors.ts';
import { checkpointOf, pickReport, reportIn } from '../pick.ts';
import { activeRecipe, isRecipe, openRecipe, recipeText, uriOf } from '../recipe-files.ts';
import type { Services } from '../services.ts';
import type { CommandHandler } from './command.ts';

export const openReport: CommandHandler = async (services, argument) => {
  const uri = uriOf(argument) ?? activeRecipe();
  const report = uri ? await reportOf(services, uri) : await pickReport('Open Report');
  return report && commands.executeCommand('vscode.openWith', report, reportEditor);
};

async function reportOf(services: Services, uri: Uri): Promise<Uri> {
  if (basename(uri.path) === reportFileName) return uri;
  const folder = isRecipe(uri)
    ? (await services.engine.request(requests.outcome, recipeText(await openRecipe(uri)))).to
    : checkpointOf(uri);
  const report = reportIn(folder);
  if (!existsSync(report.fsPath))
    throw new SecateurError(
      'FILE_MISSING',
      `${folder} has no report`,
      isRecipe(uri) ? 'Prune first; the report is written with the result.' : undefined,
    );
  return report;
}
