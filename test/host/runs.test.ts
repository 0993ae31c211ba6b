/** Runs from commands: what they write, how they stop, and what becomes of one whose engine dies. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { parseReport, type Report } from '../../src/protocol/report.ts';
import { countZeros } from './safetensors.ts';
import { closeEditors, eventually, exists, extension, file, openPanel, readText, writeText } from './support.ts';

/** A run on a slow machine takes a while. */
const RUN_MS = 240_000;

function reportOf(folder: string): Report {
  const parsed = parseReport(JSON.parse(readText(`${folder}/secateur-report.json`)));
  assert.ok('report' in parsed, 'problem' in parsed ? parsed.problem : '');
  return parsed.report;
}

/** Starts a long run in its panel, and waits until some of its blocks are finished and others are not. */
async function startAndWait(uri: vscode.Uri): Promise<{ readonly end: Thenable<unknown> }> {
  await openPanel(uri, 'secateur.recipe');
  const [panel] = extension.exports.panelsOf(uri.toString());
  const end = vscode.commands.executeCommand('secateur.prune', uri);
  await eventually('two finished blocks', () => blocksOf(panel.state().run?.matrices ?? []) >= 2, RUN_MS);
  assert.equal(panel.state().run?.state, 'running');
  return { end };
}

function blocksOf(matrices: readonly { readonly name: string }[]): number {
  return new Set(matrices.map(({ name }) => /layers\.(\d+)\./.exec(name)?.[1])).size;
}

describe('a run', () => {
  afterEach(closeEditors);

  it('ends in a checkpoint with exactly the zeros that were asked for', async () => {
    await vscode.commands.executeCommand('secateur.prune', file('small.prune.yaml'));
    const report = reportOf('pruned');
    const counted = countZeros(join(file('pruned').fsPath, 'model.safetensors'));
    for (const matrix of report.matrices) assert.equal(matrix.zeros, counted.get(matrix.name), matrix.name);
    const sizes = report.matrices.map(({ shape }) => shape[0] * shape[1]);
    const total = report.matrices.reduce((sum, { zeros }) => sum + zeros, 0);
    assert.equal(total, Math.round(0.5 * sizes.reduce((sum, size) => sum + size, 0)));
    for (const { block, zeros, shape, name } of report.matrices)
      if (block === 0) assert.equal(zeros, Math.round(0.3 * shape[0] * shape[1]), name);
    assert.ok(report.perplexity!.after.perplexity > report.perplexity!.before.perplexity);
    assert.equal(report.environment.threads, 1, 'the setting');
  }).timeout(RUN_MS);

  it('runs the text as it stands in the editor, and saves nothing behind the back', async () => {
    const text = readText('small.prune.yaml').replace('./pruned', './unsaved-pruned');
    const uri = await writeText('unsaved.prune.yaml', text);
    await openPanel(uri, 'secateur.recipe');
    const document = await vscode.workspace.openTextDocument(uri);
    const at = text.indexOf('0.5');
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(document.positionAt(at), document.positionAt(at + 3)), '0.4');
    await vscode.workspace.applyEdit(edit);
    await vscode.commands.executeCommand('secateur.prune', uri);
    assert.equal(reportOf('unsaved-pruned').sparsity.asked, 0.4);
    assert.equal(readText('unsaved.prune.yaml'), text);
    assert.equal(document.isDirty, true);
  }).timeout(RUN_MS);

  it('whose engine is killed in the middle is resumed by a new one, to the same bytes', async () => {
    const whole = await writeText('whole.prune.yaml', readText('long.prune.yaml').replace('./long-pruned', './whole-pruned'));
    await vscode.commands.executeCommand('secateur.prune', whole);

    const uri = file('long.prune.yaml');
    const { end } = await startAndWait(uri);
    const pid = await extension.exports.enginePid();
    process.kill(pid, 'SIGKILL');
    await end;
    assert.equal(await exists('long-pruned/secateur-report.json'), false);

    await vscode.commands.executeCommand('secateur.resume', uri);
    assert.notEqual(await extension.exports.enginePid(), pid);
    assert.equal(reportOf('long-pruned').resumed, 1);
    const weights = (folder: string) => readFileSync(join(file(folder).fsPath, 'model.safetensors'));
    assert.ok(weights('long-pruned').equals(weights('whole-pruned')));
  }).timeout(2 * RUN_MS);

  it('that is stopped leaves what it has done, and no report', async () => {
    const uri = await writeText('stopped.prune.yaml', readText('long.prune.yaml').replace('./long-pruned', './stopped-pruned'));
    const { end } = await startAndWait(uri);
    await vscode.commands.executeCommand('secateur.stop');
    await end;
    assert.equal(await exists('stopped-pruned/secateur-report.json'), false);
    assert.equal(await exists('stopped-pruned.partial'), true);
  }).timeout(RUN_MS);
});
