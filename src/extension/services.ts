/** What the parts of the extension share, made at the first use of any of them. */

import { join, resolve } from 'node:path';
import { type ExtensionContext, type LogOutputChannel, Uri, window, workspace } from 'vscode';
import { requests } from '../protocol/engine.ts';
import { type Answers, createAnswers } from './answers.ts';
import { createEngineClient, type EngineClient } from './engine-client.ts';
import { createRuns, type Runs } from './runs.ts';
import { readSettings, type Settings } from './settings.ts';
import { createInspections, type Inspections } from './views/inspections.ts';
import { createLibrary, type Library } from './views/watch.ts';

export interface Services {
  readonly context: ExtensionContext;
  readonly engine: EngineClient;
  readonly runs: Runs;
  readonly log: LogOutputChannel;
  /** What the checkpoints are, as far as the engine was asked. */
  readonly inspections: Inspections;
  /** What models answered to a prompt. */
  readonly answers: Answers;
  /** What lies in the workspace. */
  readonly library: Library;
  /** Throws `BAD_ARGUMENT` where a setting has a value it cannot have. */
  settings(): Settings;
  /** Where the sensitivities of a recipe are kept, absolute: in its workspace folder, unless a setting says another. */
  cacheFolder(recipe: Uri): string;
  /**
   * The calibration text of new recipes: `default`, or an absolute path.
   *
   * @param model  the checkpoint's folder, where it is known: its workspace folder is the one whose setting counts
   */
  calibrationText(model?: string): string;
}

export function createServices(context: ExtensionContext): Services {
  const log = window.createOutputChannel('Secateur', { log: true });
  const engine = createEngineClient({ script: context.asAbsolutePath('dist/engine.js'), onLog: (line) => log.info(line) });
  const runs = createRuns({
    engine,
    log: (line) => log.info(line),
    load: () => context.workspaceState.get('runs'),
    save: (list) => void context.workspaceState.update('runs', list),
  });
  engine.onExit(({ code, signal }) => log.error(`the engine ended unexpectedly (${signal ?? `code ${code}`})`));
  const inspections = createInspections((folder) => engine.request(requests.inspect, { folder }));
  const library = createLibrary();
  const answers = createAnswers();
  context.subscriptions.push(log, library, answers, { dispose: () => engine.dispose() });
  const settings = (scope?: Uri) => {
    const configuration = workspace.getConfiguration('secateur', scope);
    return readSettings((name) => configuration.get(name));
  };
  return {
    context,
    engine,
    runs,
    log,
    inspections,
    answers,
    library,
    settings: () => settings(),
    calibrationText(model) {
      const own = model === undefined ? undefined : workspace.getWorkspaceFolder(Uri.file(model));
      const folder = (own ?? workspace.workspaceFolders?.[0])?.uri;
      const text = settings(folder).calibrationText;
      return text === 'default' || folder === undefined ? text : resolve(folder.fsPath, text);
    },
    cacheFolder(recipe) {
      const own = workspace.getWorkspaceFolder(recipe)?.uri.fsPath;
      return settings().cacheFolder ?? (own === undefined ? join(context.globalStorageUri.fsPath, 'measured') : join(own, '.secateur'));
    },
  };
}
