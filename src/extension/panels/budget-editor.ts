/** The panel of a recipe: a custom editor over the text, which stays the single truth. */

import {
  commands,
  type Disposable,
  Range,
  RelativePattern,
  type TextDocument,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import { SecateurError } from '../../error.ts';
import type { BudgetAction, BudgetState, FromBudget, ToBudget } from '../../protocol/panel.ts';
import { slotsOf } from '../../protocol/slots.ts';
import { type Gesture, gestureEdits } from '../../recipe/gesture.ts';
import type { ContextKeys } from '../context-keys.ts';
import { type CommandId, commandName } from '../contributes/commands.ts';
import { faultOf } from '../errors.ts';
import { solveMatrix } from '../jobs.ts';
import { recipeText } from '../recipe-files.ts';
import { perplexityOf } from '../run-list.ts';
import type { RunChange } from '../runs.ts';
import type { Services } from '../services.ts';
import { createMatrixSolver, type MatrixSolver } from './matrix-solver.ts';
import { pickModel } from './pick-model.ts';
import { type FactsFollower, followFacts } from './recipe-facts.ts';
import { applyTextEdits } from './text-edits.ts';
import { webviewHtml, webviewRoots } from './webview-html.ts';

/** A panel that is open, for the tests of the host. */
export interface OpenPanel {
  readonly state: () => BudgetState;
  /** Does what the message of a webview does. */
  readonly receive: (message: FromBudget) => Promise<void>;
}

export interface BudgetEditor {
  /** Fills a panel that the editor has opened for a recipe. */
  open(document: TextDocument, panel: WebviewPanel): void;
  /** The panels of a recipe, by its uri. */
  panelsOf(uri: string): readonly OpenPanel[];
}

export function createBudgetEditor(services: Services, contextKeys: Pick<ContextKeys, 'setOutcome'>): BudgetEditor {
  const open = new Map<OpenPanel, string>();
  return {
    open(document, panel) {
      const opened = openPanel(services, contextKeys, document, panel);
      open.set(opened, document.uri.toString());
      panel.onDidDispose(() => open.delete(opened));
    },
    panelsOf: (uri) => Array.from(open).flatMap(([panel, of]) => (of === uri ? [panel] : [])),
  };
}

function openPanel(
  services: Services,
  contextKeys: Pick<ContextKeys, 'setOutcome'>,
  document: TextDocument,
  panel: WebviewPanel,
): OpenPanel {
  const { context, engine, runs, library, log } = services;
  const key = document.uri.toString();
  let isDisposed = false;
  // What was asked before the panel was closed may end after it.
  const post = (message: ToBudget) => void (isDisposed || panel.webview.postMessage(message));
  // What the webview has; nothing as long as it has not said that it is ready, which it does anew whenever it was hidden.
  let sent: BudgetState['sensitivity'] | undefined;
  const postState = () => {
    const { sensitivity, ...rest } = state();
    post({ type: 'state', state: rest, ...(sensitivity !== sent && { sensitivity }) });
    sent = sensitivity;
  };
  const postAll = () => {
    sent = undefined;
    postState();
  };
  const facts = followFacts({
    engine,
    inspections: services.inspections,
    isBusy: () => runs.current !== null,
    compute: () => services.settings().compute,
    cacheFolder: () => services.cacheFolder(document.uri),
    onChange: () => {
      watcher.watch(facts.modelFolder);
      contextKeys.setOutcome(key, facts.facts.outcome);
      postState();
    },
    onFault: (error) => log.debug(`${document.fileName}: ${faultOf(error).message}`),
  });
  const watcher = createModelWatcher(facts);
  const state = (): BudgetState => ({
    title: document.uri.path.split('/').at(-1)!,
    text: document.getText(),
    version: document.version,
    trusted: workspace.isTrusted,
    busy: runs.current !== null,
    ...facts.facts,
    densePerplexity: facts.modelFolder === null ? null : perplexityOf(runs.list, facts.modelFolder),
    run: runs.stateOf(key),
  });
  const follow = () => facts.follow(recipeText(document));
  const solver = createMatrixSolver({
    ask: (matrix, sparsity, signal) => solveMatrix(services, document, { matrix, sparsity }, signal),
    post,
    onBug: (error) => services.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  const receive = createReceiver(services, document, panel, facts, solver, { post, postAll });
  const disposables: Disposable[] = [
    watcher,
    facts,
    workspace.onDidChangeTextDocument(({ document: changed, contentChanges }) => {
      if (changed !== document || contentChanges.length === 0) return;
      postState();
      follow();
    }),
    workspace.onDidGrantWorkspaceTrust(postState),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('secateur')) facts.refresh();
    }),
    runs.onDidChange((change) => {
      if (change.run?.recipe === key) postRun(change, key, services, post, postState);
      else if (change.run && !change.isProgress) postState();
      if (change.run && !change.isProgress && runs.current === null) facts.refresh();
      if (change.run?.kind === 'measure' && change.run.state === 'done' && !change.isProgress) facts.refreshSensitivity();
    }),
    // A folder that is renamed or removed as a whole is told of by its own name only; outside of the workspace, by nothing.
    library.onDidChange(facts.refresh),
    window.onDidChangeWindowState(({ focused }) => {
      if (focused) facts.refresh();
    }),
    panel.onDidChangeViewState(() => {
      if (panel.visible) facts.refresh();
    }),
    panel.webview.onDidReceiveMessage(receive),
  ];
  panel.onDidDispose(() => {
    isDisposed = true;
    solver.stop();
    for (const disposable of disposables) disposable.dispose();
  });
  panel.webview.options = { enableScripts: true, localResourceRoots: webviewRoots(context.extensionUri) };
  panel.webview.html = webviewHtml(panel.webview, context.extensionUri, 'budget', 'Pruning recipe');
  follow();
  return { state, receive };
}

function postRun(
  { isProgress, matrices, sensitivities }: RunChange,
  key: string,
  { runs }: Services,
  post: (message: ToBudget) => void,
  postState: () => void,
) {
  const run = runs.stateOf(key);
  if (isProgress && run) post({ type: 'run', run: { ...run, matrices, sensitivities } });
  else postState();
}

/** Sees a checkpoint appear, change and go. */
function createModelWatcher(facts: Pick<FactsFollower, 'refresh'>): { watch(folder: string | null): void; dispose(): void } {
  let watched: string | null = null;
  let disposable: Disposable | undefined;
  return {
    watch(folder) {
      if (folder === watched) return;
      watched = folder;
      disposable?.dispose();
      if (folder === null) return;
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(folder), '{config.json,*.safetensors,*.index.json}'));
      watcher.onDidCreate(facts.refresh);
      watcher.onDidChange(facts.refresh);
      watcher.onDidDelete(facts.refresh);
      disposable = watcher;
    },
    dispose: () => disposable?.dispose(),
  };
}

interface Poster {
  readonly post: (message: ToBudget) => void;
  /** The state with everything that belongs to it. */
  readonly postAll: () => void;
}

const actionCommands: Readonly<Record<Exclude<BudgetAction, 'pickCheckpoint'>, CommandId>> = {
  measure: 'measure',
  prune: 'prune',
  stop: 'stop',
  resume: 'resume',
  evaluate: 'evaluate',
  openReport: 'openReport',
  openAsText: 'openAsText',
  showLog: 'showLog',
};

function createReceiver(
  services: Services,
  document: TextDocument,
  panel: WebviewPanel,
  facts: FactsFollower,
  solver: MatrixSolver,
  { post, postAll }: Poster,
) {
  // A gesture is read on the text that the one before it has left.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work).catch((error) => {
      const { kind, message, hint } = faultOf(error);
      if (kind === 'bug') services.log.error(error instanceof Error ? (error.stack ?? message) : message);
      post({ type: 'refused', message, hint });
    });
    last = done;
    return done;
  };
  return async (message: FromBudget): Promise<void> => {
    switch (message.type) {
      case 'ready':
        return postAll();
      case 'gesture':
        return inTurn(() => applyGesture(document, message.gesture, facts));
      case 'action':
        if (message.action === 'pickCheckpoint') return inTurn(() => pickModel(services, document));
        return void commands.executeCommand(commandName(actionCommands[message.action]), document.uri);
      case 'solve':
        return solver.solve(message.matrix, message.sparsity);
      case 'stopSolving':
        return solver.stop();
      case 'reveal':
        return reveal(document, message.line, message.column);
      case 'undo':
      case 'redo':
        panel.reveal(panel.viewColumn, false);
        return void commands.executeCommand(message.type);
    }
  };
}

/**
 * @throws `BAD_CHECKPOINT` while it is not known which matrices there are, and what `gestureEdits` throws
 */
async function applyGesture(
  document: TextDocument,
  gesture: Gesture,
  { facts: { checkpoint, sensitivity } }: FactsFollower,
): Promise<void> {
  if (checkpoint.state !== 'ready')
    throw new SecateurError('BAD_CHECKPOINT', 'the checkpoint has not been read yet', 'Try again in a moment.');
  await applyTextEdits(document, gestureEdits(document.getText(), gesture, slotsOf(checkpoint), sensitivity));
}

/** In the text editor that shows the recipe already, else beside the panel. */
async function reveal(document: TextDocument, line: number, column: number): Promise<void> {
  const position = document.validatePosition(document.positionAt(0).with(Math.max(0, line - 1), Math.max(0, column - 1)));
  const shown = window.visibleTextEditors.find((editor) => editor.document === document);
  await window.showTextDocument(document, { viewColumn: shown?.viewColumn ?? ViewColumn.Beside, selection: new Range(position, position) });
}
