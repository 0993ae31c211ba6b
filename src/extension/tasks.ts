/** Tasks that run the command line with the host's own Node, so that pruning can be chained with whatever else is in `tasks.json`. */

import * as vscode from 'vscode';
import type { ComputeSettings } from '../protocol/engine.ts';
import { matcherNames, taskType } from './contributes/tasks.ts';
import { type SecateurTask, taskLine, taskName } from './task-line.ts';
import { type LibraryFacts, ownRecipes } from './views/library.ts';

export interface TaskLends {
  readonly context: vscode.ExtensionContext;
  compute(): Promise<ComputeSettings>;
  facts(): Promise<LibraryFacts>;
}

export function registerTasks({ context, compute, facts }: TaskLends): vscode.Disposable {
  const makeTask = async (definition: SecateurTask & vscode.TaskDefinition, folder: vscode.WorkspaceFolder) => {
    const line = taskLine(definition, await compute());
    const script = context.asAbsolutePath('dist/cli.js');
    const execution = new vscode.ProcessExecution(process.execPath, [script, ...line], {
      cwd: folder.uri.fsPath,
      env: { ELECTRON_RUN_AS_NODE: '1' },
    });
    const task = new vscode.Task(definition, folder, taskName(definition), 'secateur', execution, matcherNames);
    task.detail = `secateur ${line.join(' ')}`;
    return task;
  };
  return vscode.tasks.registerTaskProvider(taskType, {
    async provideTasks() {
      if (!vscode.workspace.isTrusted) return [];
      const tasks = ownRecipes(await facts()).flatMap((path) => {
        const uri = vscode.Uri.file(path);
        const folder = vscode.workspace.getWorkspaceFolder(uri);
        return folder ? [makeTask({ type: taskType, command: 'prune', recipe: vscode.workspace.asRelativePath(uri, false) }, folder)] : [];
      });
      return Promise.all(tasks);
    },
    resolveTask({ definition, scope }) {
      const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
      if (!vscode.workspace.isTrusted || !folder) return undefined;
      return makeTask(definition as SecateurTask & vscode.TaskDefinition, folder);
    },
  });
}
