/** The view of runs: now and before, newest first. */

import * as vscode from 'vscode';
import { recipeEditor, reportEditor } from '../contributes/editors.ts';
import { runsView } from '../contributes/views.ts';
import { reportIn } from '../pick.ts';
import type { RunRecord } from '../run-list.ts';
import type { Services } from '../services.ts';
import { badgeOf, hasReport, type RunWords, runWordsOf } from './run-words.ts';

/** What the menus hand to a command: a run, and the recipe by which commands know what to work on. */
export interface RunElement {
  readonly id: string;
  readonly resourceUri: vscode.Uri | undefined;
}

export function createRunsView({ runs }: Pick<Services, 'runs'>): vscode.Disposable {
  const changed = new vscode.EventEmitter<RunElement | undefined>();
  let elements: readonly RunElement[] = [];
  const wordsOf = (run: RunRecord) => runWordsOf(run, run.id === runs.current?.id ? runs.progress : null, Date.now());
  const find = (element: RunElement) => runs.list.find(({ id }) => id === element.id);

  const view = vscode.window.createTreeView<RunElement>(runsView, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren(parent) {
        if (parent) return [];
        elements = runs.list.map(({ id, recipe }) => ({ id, resourceUri: recipe === null ? undefined : vscode.Uri.parse(recipe) }));
        return [...elements];
      },
      getTreeItem(element) {
        const run = find(element);
        return run ? itemOf(run, wordsOf(run)) : new vscode.TreeItem('');
      },
    },
  });
  let told = '';
  const listening = runs.onDidChange(({ run, isProgress }) => {
    if (!run || !isProgress) {
      view.badge = badgeOf(runs.current);
      changed.fire(undefined);
      return;
    }
    // Progress comes ten times a second; what is said of it changes once in a while.
    const { description } = wordsOf(run);
    if (!view.visible || description === told) return;
    told = description;
    changed.fire(elements.find(({ id }) => id === run.id));
  });
  return vscode.Disposable.from(
    view,
    changed,
    listening,
    view.onDidChangeVisibility(({ visible }) => visible && changed.fire(undefined)),
    vscode.commands.registerCommand('secateur.removeRun', (element: RunElement) => runs.remove(element.id)),
    vscode.commands.registerCommand('secateur.clearRuns', () => runs.clear()),
    vscode.commands.registerCommand('secateur.openRunReport', (element: RunElement) => {
      const run = find(element);
      return run?.folder ? vscode.commands.executeCommand('vscode.openWith', reportIn(run.folder), reportEditor) : undefined;
    }),
  );
}

function itemOf(run: RunRecord, { label, description, tooltip, spoken, icon, contextValue }: RunWords): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.id = run.id;
  item.description = description;
  item.tooltip = tooltip;
  item.iconPath = new vscode.ThemeIcon(icon.name, icon.color === null ? undefined : new vscode.ThemeColor(icon.color));
  item.contextValue = contextValue;
  item.accessibilityInformation = { label: spoken };
  const open = clickOf(run);
  if (open) item.command = open;
  return item;
}

/** The report where there is one, else the recipe. */
function clickOf(run: RunRecord): vscode.Command | undefined {
  if (hasReport(run)) return { title: 'Open Report', command: 'vscode.openWith', arguments: [reportIn(run.folder!), reportEditor] };
  if (run.recipe === null) return undefined;
  return { title: 'Open Panel', command: 'vscode.openWith', arguments: [vscode.Uri.parse(run.recipe), recipeEditor] };
}
