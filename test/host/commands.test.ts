/** Every command, called as a menu would call it. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { type CommandId, commandName, commandTable } from '../../src/extension/contributes/commands.ts';
import { closeEditors, eventually, exists, extension, file, openPanel, readText, writeText } from './support.ts';

/** A run on a slow machine takes a while. */
const RUN_MS = 240_000;

async function call(id: CommandId, ...args: unknown[]): Promise<unknown> {
  return vscode.commands.executeCommand(commandName(id), ...args);
}

/** Presses Enter in every list and field that a command shows, until the command is done. */
async function callAndAccept(id: CommandId, ...args: unknown[]): Promise<unknown> {
  let isDone = false;
  const result = call(id, ...args).finally(() => {
    isDone = true;
  });
  await eventually(
    `${id} through all its questions`,
    async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await new Promise((done) => setTimeout(done, 300));
      return isDone;
    },
    RUN_MS,
  );
  return result;
}

function customTab(viewType: string): boolean {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && input.viewType === viewType;
}

/** A recipe of its own with an output of its own, so that the commands do not meet each other's results. */
async function smallRecipe(name: string): Promise<vscode.Uri> {
  return writeText(`${name}.prune.yaml`, readText('small.prune.yaml').replace('./pruned', `./${name}-out`));
}

/** What shows that a command did what its title says. */
const checks: Readonly<Record<CommandId, () => Promise<void>>> = {
  async pruneCheckpoint() {
    const uri = await callAndAccept('pruneCheckpoint', file('sample'));
    assert.ok(uri instanceof vscode.Uri);
    assert.match(Buffer.from(await vscode.workspace.fs.readFile(uri)).toString(), /^sparsity: 0\.5$/m);
    await eventually('the panel', () => customTab('secateur.recipe'));
    await eventually('the run', () => extension.exports.panelsOf(uri.toString())[0]?.state().run?.state === 'running');
    await call('stop');
    await eventually('the end', () => extension.exports.panelsOf(uri.toString())[0]?.state().run?.state === 'stopped');
  },
  async newRecipe() {
    const first = await call('newRecipe', file('sample'));
    const second = await call('newRecipe', file('sample'));
    assert.ok(first instanceof vscode.Uri && second instanceof vscode.Uri);
    assert.notEqual(first.toString(), second.toString());
    await eventually('the panel', () => customTab('secateur.recipe'));
  },
  async measure() {
    const uri = await smallRecipe('measured');
    await openPanel(uri, 'secateur.recipe');
    await call('measure', uri);
    const panel = await eventually('the panel', () => extension.exports.panelsOf(uri.toString())[0]);
    const sensitivity = await eventually('the sensitivity', () => panel.state().sensitivity ?? undefined);
    assert.ok(sensitivity.matrices.length > 0);
  },
  async prune() {
    await call('prune', await smallRecipe('pruned-by-command'));
    assert.ok(await exists('pruned-by-command-out/secateur-report.json'));
  },
  async pruneFresh() {
    const uri = await smallRecipe('again');
    await call('prune', uri);
    const report = file('again-out/secateur-report.json');
    const { mtime } = await vscode.workspace.fs.stat(report);
    await call('pruneFresh', uri);
    assert.ok((await vscode.workspace.fs.stat(report)).mtime > mtime);
  },
  async stop() {
    await call('stop');
  },
  async resume() {
    await call('resume', await smallRecipe('resumed'));
    assert.ok(await exists('resumed-out/secateur-report.json'));
  },
  async evaluate() {
    const uri = await smallRecipe('evaluated');
    await openPanel(uri, 'secateur.recipe');
    await callAndAccept('evaluate', uri);
    assert.equal(extension.exports.panelsOf(uri.toString())[0]!.state().run?.state, 'done');
  },
  async compareReports() {
    await call('prune', await smallRecipe('one'));
    await call('prune', await smallRecipe('other'));
    await call('compareReports', file('one-out/secateur-report.json'), file('other-out/secateur-report.json'));
    await eventually('the comparison', () => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview);
  },
  async openReport() {
    const uri = await smallRecipe('reported');
    await call('prune', uri);
    await call('openReport', uri);
    await eventually('the report', () => customTab('secateur.report'));
  },
  async importGguf() {
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(extension.extensionUri, 'test/reference/gguf/llama-spm.gguf'), file('tiny.gguf'));
    await callAndAccept('importGguf', file('tiny.gguf'));
    assert.ok(await exists('tiny/config.json'));
  },
  async tryPrompt() {
    const uri = await smallRecipe('prompted');
    await call('prune', uri);
    await call('tryPrompt', uri, 'Once upon a time');
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    for (const side of [input.original, input.modified]) {
      const document = await vscode.workspace.openTextDocument(side);
      await eventually('the answer', () => document.getText().startsWith('Once upon a time') && document.getText().length > 20);
    }
  },
  async useSample() {
    const uri = await call('useSample', file('.'));
    assert.ok(uri instanceof vscode.Uri);
    assert.ok(await exists('sample.prune.yaml'));
    await eventually('the panel', () => customTab('secateur.recipe'));
  },
  async showLog() {
    await call('showLog');
  },
  async restartEngine() {
    const before = await extension.exports.enginePid();
    await call('restartEngine');
    assert.notEqual(await extension.exports.enginePid(), before);
  },
  async openPanel() {
    await call('openPanel', file('small.prune.yaml'));
    await eventually('the panel', () => customTab('secateur.recipe'));
  },
  async openAsText() {
    await call('openAsText', file('small.prune.yaml'));
    await eventually('the text', () => vscode.window.activeTextEditor?.document.fileName.endsWith('small.prune.yaml'));
  },
};

describe('the command', () => {
  afterEach(closeEditors);

  for (const id of Object.keys(checks) as CommandId[])
    it(`“${commandTable[id].title}” does what it says`, () => checks[id]()).timeout(RUN_MS);
});
