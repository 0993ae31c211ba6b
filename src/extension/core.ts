/** Everything behind the commands, the editors and the views, made once. */

import { type ExtensionContext, type TextDocument, workspace } from 'vscode';
import { requests } from '../protocol/engine.ts';
import { handlers } from './commands/index.ts';
import { createContextKeys } from './context-keys.ts';
import type { CommandId } from './contributes/commands.ts';
import { languageId } from './contributes/languages.ts';
import { type BudgetEditor, createBudgetEditor } from './panels/budget-editor.ts';
import { createReportEditor, type ReportEditor } from './panels/report-editor.ts';
import { createServices, type Services } from './services.ts';
import { createStatusBar } from './status-bar.ts';
import { tellError } from './tell.ts';
import { createCheckpointsView } from './views/checkpoints.ts';
import { createRunsView } from './views/runs.ts';

export interface Core {
  readonly services: Services;
  readonly budgets: BudgetEditor;
  readonly reports: ReportEditor;
  /** Runs a command; what goes wrong is told, and never thrown. */
  call(id: CommandId, args: readonly unknown[]): Promise<unknown>;
  enginePid(): Promise<number>;
}

export function createCore(context: ExtensionContext): Core {
  const services = createServices(context);
  const contextKeys = createContextKeys(services);
  context.subscriptions.push(contextKeys, ...createStatusBar(services), createCheckpointsView(services), createRunsView(services));
  startLanguageOnce(services);
  return {
    services,
    budgets: createBudgetEditor(services, contextKeys),
    reports: createReportEditor(context.extensionUri),
    async call(id, [argument, second]) {
      try {
        return await handlers[id](services, argument, second);
      } catch (error) {
        tellError(services, error);
        return undefined;
      }
    },
    enginePid: async () => (await services.engine.request(requests.hello, {})).pid,
  };
}

/** At the first recipe that is seen; the client is not even read before. */
function startLanguageOnce(services: Services): void {
  const start = async () => {
    const { startLanguageClient } = await import('./language-client.ts');
    await startLanguageClient(services);
  };
  const isRecipe = ({ languageId: id }: TextDocument) => id === languageId;
  if (workspace.textDocuments.some(isRecipe)) return void start();
  const waiting = workspace.onDidOpenTextDocument((document) => {
    if (!isRecipe(document)) return;
    waiting.dispose();
    void start();
  });
  services.context.subscriptions.push(waiting);
}
