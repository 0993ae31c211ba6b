/** The extension: what happens when the editor activates it. Next to nothing; the core is read when the editor has time, or at its first use. */

import { commands, type Disposable, type ExtensionContext, window } from 'vscode';
import { type CommandId, commandName, commandTable } from './contributes/commands.ts';
import { recipeEditor, reportEditor } from './contributes/editors.ts';
import type { Core } from './core.ts';
import type { OpenPanel } from './panels/budget-editor.ts';
import type { ReportPage } from './panels/report-page.ts';
import { registerTasks } from './tasks.ts';

/** What the tests and measurements of a host look at. */
export interface ExtensionApi {
  /** Starts the engine where none runs. */
  enginePid(): Promise<number>;
  /** The panels of a recipe, by its uri. */
  panelsOf(recipe: string): readonly OpenPanel[];
  /** The pages of a report, by its uri. */
  pagesOf(report: string): readonly ReportPage[];
}

export function activate(context: ExtensionContext): ExtensionApi {
  let core: Core | undefined;
  let loading: Promise<Core> | undefined;
  const load = (): Promise<Core> => {
    loading ??= import('./core.ts').then(({ createCore }) => {
      core = createCore(context);
      return core;
    });
    return loading;
  };
  context.subscriptions.push(...registerCommands(load), ...registerEditors(load));
  context.subscriptions.push(
    registerTasks({
      context,
      compute: async () => (await load()).services.settings().compute,
      facts: async () => (await load()).services.library.facts(),
    }),
  );
  // The views are behind it: the editor waits a while for those that are shown.
  setImmediate(() => void load());
  return {
    enginePid: async () => (await load()).enginePid(),
    panelsOf: (recipe) => core?.budgets.panelsOf(recipe) ?? [],
    pagesOf: (report) => core?.reports.pagesOf(report) ?? [],
  };
}

function registerCommands(load: () => Promise<Core>): Disposable[] {
  return Object.keys(commandTable).map((id) =>
    commands.registerCommand(commandName(id as CommandId), async (...args: unknown[]) => (await load()).call(id as CommandId, args)),
  );
}

function registerEditors(load: () => Promise<Core>): Disposable[] {
  const options = { supportsMultipleEditorsPerDocument: true };
  return [
    window.registerCustomEditorProvider(
      recipeEditor,
      { resolveCustomTextEditor: async (document, panel) => (await load()).budgets.open(document, panel) },
      options,
    ),
    window.registerCustomEditorProvider(
      reportEditor,
      {
        openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
        resolveCustomEditor: async ({ uri }, panel) => (await load()).reports.open(uri, panel),
      },
      options,
    ),
  ];
}
