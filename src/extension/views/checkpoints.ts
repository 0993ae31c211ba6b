/** The view of checkpoints: what the workspace holds, as a tree. */

import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { recipeEditor, reportEditor } from '../contributes/editors.ts';
import { checkpointsView } from '../contributes/views.ts';
import { reportIn } from '../pick.ts';
import { isActive } from '../run-list.ts';
import type { Services } from '../services.ts';
import { ambiguous, type Inspected, wordsOf } from './checkpoint-words.ts';
import { buildLibrary, type LibraryItem } from './library.ts';

export function createCheckpointsView({
  library,
  inspections,
  runs,
}: Pick<Services, 'library' | 'inspections' | 'runs'>): vscode.Disposable {
  const changed = new vscode.EventEmitter<LibraryItem | undefined>();
  let unclear: ReadonlySet<string> = new Set();

  /** Asks the engine only for what is shown, and shows it again where the answer is another. */
  const inspectedOf = (item: LibraryItem): Inspected => {
    if (item.kind !== 'checkpoint') return undefined;
    const before = inspections.known(item.path);
    void inspections.ask(item.path).then((after) => {
      if (after !== before) changed.fire(item);
    });
    return before;
  };
  const view = vscode.window.createTreeView<LibraryItem>(checkpointsView, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      async getChildren(parent) {
        if (parent) return parent.kind === 'checkpoint' ? [...parent.children] : [];
        const roots = buildLibrary(await library.facts());
        unclear = ambiguous(roots);
        return [...roots];
      },
      getTreeItem: (item) => itemOf(item, inspectedOf(item), unclear.has(item.path)),
    },
  });
  const tellTrust = () => {
    // An absent message is `undefined` to the editor, which its types do not allow for.
    view.message = vscode.workspace.isTrusted ? '' : 'This workspace is not trusted: nothing is run.';
  };
  tellTrust();
  return vscode.Disposable.from(
    view,
    changed,
    library.onDidChange(() => changed.fire(undefined)),
    runs.onDidChange(({ run }) => {
      if (run && !isActive(run)) library.refresh();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(tellTrust),
    vscode.commands.registerCommand('secateur.refreshCheckpoints', () => {
      inspections.forgetFailures();
      library.refresh();
    }),
    vscode.commands.registerCommand('secateur.revealInExplorer', (item: LibraryItem) =>
      vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(item.path)),
    ),
    vscode.commands.registerCommand('secateur.copyPath', (item: LibraryItem) => vscode.env.clipboard.writeText(item.path)),
  );
}

function itemOf(item: LibraryItem, inspected: Inspected, isUnclear: boolean): vscode.TreeItem {
  const place = isUnclear ? vscode.workspace.asRelativePath(dirname(item.path)) : null;
  const { label, description, tooltip, spoken, icon, contextValue } = wordsOf(item, inspected, place);
  const shown = new vscode.TreeItem(label, collapsibleState(item));
  shown.id = `${item.kind}:${item.path}`;
  shown.resourceUri = vscode.Uri.file(item.path);
  shown.description = description;
  shown.tooltip = tooltip;
  shown.iconPath = new vscode.ThemeIcon(icon, icon === 'warning' ? new vscode.ThemeColor('list.warningForeground') : undefined);
  shown.contextValue = contextValue;
  shown.accessibilityInformation = { label: spoken };
  const open = clickOf(item);
  if (open) shown.command = open;
  return shown;
}

function collapsibleState(item: LibraryItem): vscode.TreeItemCollapsibleState {
  const hasChildren = item.kind === 'checkpoint' && item.children.length > 0;
  return hasChildren ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None;
}

function clickOf(item: LibraryItem): vscode.Command | undefined {
  const uri = vscode.Uri.file(item.path);
  if (item.kind === 'recipe') return { title: 'Open Panel', command: 'vscode.openWith', arguments: [uri, recipeEditor] };
  if (item.kind !== 'checkpoint' || !item.report) return undefined;
  return { title: 'Open Report', command: 'vscode.openWith', arguments: [reportIn(item.path), reportEditor] };
}
