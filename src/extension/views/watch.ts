/** Looks through the workspace for checkpoints, recipes and reports, and again after something that matters has changed. */

import * as vscode from 'vscode';
import { holds, isLeftOut, isWatched, type LibraryFacts, leftOut, watchedNames } from './library.ts';
import { createLibraryReader } from './library-files.ts';

/** More than this and something other than checkpoints was opened; the editor stays quick. */
const mostFiles = 20_000;
const settleMs = 400;

export interface Library extends vscode.Disposable {
  /** Looks at the first call, and later only after a change. */
  facts(): Promise<LibraryFacts>;
  readonly onDidChange: vscode.Event<void>;
  /** Looks again whatever has changed, as when a run has ended. */
  refresh(): void;
}

export function createLibrary(): Library {
  const reader = createLibraryReader();
  const changed = new vscode.EventEmitter<void>();
  const disposables: vscode.Disposable[] = [changed];
  let found: Promise<LibraryFacts> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const refresh = () => {
    found = undefined;
    clearTimeout(timer);
    timer = setTimeout(() => changed.fire(), settleMs);
  };
  const watch = () => {
    // A folder that is moved or removed as a whole is told of only by its own name, so every name is listened to.
    const watcher = vscode.workspace.createFileSystemWatcher('**/*');
    const onChange = (uri: vscode.Uri) => {
      if (isWatched(relative(uri))) refresh();
    };
    const onAppearance = async (uri: vscode.Uri) => {
      if (found === undefined || isLeftOut(relative(uri))) return;
      if (isWatched(relative(uri)) || (await isFolder(uri))) refresh();
    };
    const onRemoval = async (uri: vscode.Uri) => {
      const before = await found?.catch(() => undefined);
      if (isWatched(relative(uri)) || (before && holds(before, uri.fsPath))) refresh();
    };
    disposables.push(
      watcher,
      watcher.onDidChange(onChange),
      watcher.onDidCreate(onAppearance),
      watcher.onDidDelete(onRemoval),
      vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    );
  };
  const look = async () => {
    const uris = await vscode.workspace.findFiles(watchedNames, leftOut, mostFiles);
    return reader.read(uris.filter(({ scheme }) => scheme === 'file').map((uri) => uri.fsPath));
  };

  return {
    facts() {
      if (disposables.length === 1) watch();
      if (found) return found;
      const looking = look();
      found = looking;
      // What could not be looked through is looked through at the next call; whoever asked now is told.
      looking.catch(() => {
        if (found === looking) found = undefined;
      });
      return looking;
    },
    onDidChange: changed.event,
    refresh,
    dispose() {
      clearTimeout(timer);
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

function relative(uri: vscode.Uri): string {
  return vscode.workspace.asRelativePath(uri, false);
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  try {
    return (await vscode.workspace.fs.stat(uri)).type === vscode.FileType.Directory;
  } catch {
    return false;
  }
}
