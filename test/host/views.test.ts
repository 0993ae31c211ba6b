import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, extension, file, writeText } from './support.ts';

describe('views and tasks', () => {
  before(() => extension.activate());

  it('show the views, and copy the path of an item', async () => {
    await vscode.commands.executeCommand('secateur.checkpoints.focus');
    await vscode.commands.executeCommand('secateur.runs.focus');
    await vscode.commands.executeCommand('secateur.refreshCheckpoints');
    await vscode.commands.executeCommand('secateur.copyPath', { path: file('small.prune.yaml').fsPath });
    assert.equal(await vscode.env.clipboard.readText(), file('small.prune.yaml').fsPath);
  });

  it('offer a task for every recipe', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'secateur' });
    assert.ok(
      tasks.some(({ name }) => name === 'prune small.prune.yaml'),
      tasks.map(({ name }) => name).join(),
    );
  });

  it('run a task of tasks.json, whose problems are found', async () => {
    await writeText('checked.prune.yaml', 'model: ./gone\nsparsity: 1.5\n');
    await writeText(
      '.vscode/tasks.json',
      JSON.stringify({
        version: '2.0.0',
        tasks: [{ label: 'check it', type: 'secateur', command: 'check', recipe: 'checked.prune.yaml' }],
      }),
    );
    const task = await eventually('the task', async () => (await vscode.tasks.fetchTasks()).find(({ name }) => name === 'check it'));
    const ended = new Promise<number | undefined>((resolve) => {
      const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution.task.name !== 'check it') return;
        listening.dispose();
        resolve(exitCode);
      });
    });
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 1);
    const [problem] = await eventually('the problem', () => {
      const found = vscode.languages.getDiagnostics(file('checked.prune.yaml')).filter(({ source }) => source === 'secateur');
      return found.length > 0 && found;
    });
    assert.equal(problem.range.start.line, 1);
    assert.match(problem.message, /1\.5/);
  });
});
