/** Sensitivities in the panel: found block by block, kept, and chosen between. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { slotsOf } from '../../src/protocol/slots.ts';
import { makeBudget } from '../../src/recipe/budget.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { closeEditors, eventually, exists, extension, openPanel, readText, writeText } from './support.ts';

const MEASURE_MS = 240_000;

/** A recipe of its own, whose allocator is fed, in its panel. */
async function openMeasured(name: string) {
  const text = `${readText('long.prune.yaml')}measure: { method: error-curve } # cheap\nallocate:\n  method: mixed # by rank\n  spread: 0.2\n`;
  const uri = await writeText(name, text);
  await openPanel(uri, 'secateur.recipe');
  const panel = await eventually('the panel', () => extension.exports.panelsOf(uri.toString())[0]);
  await eventually('the checkpoint', () => panel.state().checkpoint.state === 'ready');
  return { uri, text, panel, document: await vscode.workspace.openTextDocument(uri) };
}

describe('measuring', () => {
  afterEach(closeEditors);

  it('fills the panel block by block, keeps what it found, and feeds the budget and its locks', async () => {
    const { uri, panel, document } = await openMeasured('measured.prune.yaml');
    assert.equal(panel.state().sensitivity, null);
    const found = new Set<number>();
    const end = vscode.commands.executeCommand('secateur.measure', uri);
    const watching = setInterval(() => found.add(panel.state().run?.sensitivities.length ?? 0), 5);
    await end;
    clearInterval(watching);
    const sensitivity = await eventually('the sensitivity', () => panel.state().sensitivity);
    assert.equal(sensitivity.method, 'error-curve');
    assert.ok(
      [...found].some((count) => count > 0 && count < sensitivity.matrices.length),
      `parts of it before the whole: ${[...found].join(', ')}`,
    );
    assert.equal(panel.state().run?.sensitivities.length, sensitivity.matrices.length);
    assert.equal(await exists('.secateur/.gitignore'), true);

    const slots = slotsOf(panel.state().checkpoint);
    const budget = makeBudget(parseRecipe(document.getText()).recipe!, slots, {}, sensitivity);
    const share = (i: number) => budget[i].zeros / (slots[i].out * slots[i].in);
    assert.ok(Math.abs(share(0) - share(slots.length - 1)) > 0.01, 'not uniform');
    await panel.receive({ type: 'gesture', gesture: { type: 'lock', slots: [slots[0].name] } });
    const [[, locked]] = Object.entries(parseRecipe(document.getText()).recipe!.allocate.fixed);
    assert.ok(Math.abs(locked - share(0)) < 1e-4, `${locked} for ${share(0)}`);
  }).timeout(MEASURE_MS);

  it('changes methods by one edit each, and knows at once what was measured before', async () => {
    const { uri, text, panel, document } = await openMeasured('methods.prune.yaml');
    await vscode.commands.executeCommand('secateur.measure', uri);
    await eventually('the sensitivity', () => panel.state().sensitivity?.method === 'error-curve');
    await panel.receive({ type: 'gesture', gesture: { type: 'method', step: 'measure', method: 'gradient-norm' } });
    assert.match(document.getText(), /measure: \{ method: gradient-norm \} # cheap/);
    await eventually('nothing measured by it', () => panel.state().sensitivity === null);
    await vscode.commands.executeCommand('undo');
    await eventually('undone', () => document.getText() === text);
    await eventually('the sensitivity again', () => panel.state().sensitivity?.method === 'error-curve');

    await panel.receive({ type: 'gesture', gesture: { type: 'method', step: 'allocate', method: 'uniform' } });
    assert.equal(document.getText(), text.replace('mixed', 'uniform').replace('  spread: 0.2\n', ''));
    await vscode.commands.executeCommand('undo');
    await eventually('undone in one step', () => document.getText() === text);
    await panel.receive({ type: 'gesture', gesture: { type: 'option', option: 'spread', value: 0.05 } });
    assert.equal(document.getText(), text.replace('0.2', '0.05'));
  }).timeout(MEASURE_MS);

  it('says in the text what the budget waits for, and shows sensitivities there once they are known', async () => {
    const { uri, document } = await openMeasured('hinted.prune.yaml');
    await vscode.commands.executeCommand('secateur.openAsText', uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, document.positionAt(document.getText().length), '  fixed:\n    "*.0.self_attn.q_proj": 0.2\n');
    await vscode.workspace.applyEdit(edit);
    const hints = async () => {
      const whole = new vscode.Range(0, 0, document.lineCount, 0);
      const found = await vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', uri, whole);
      return found.map(({ label }) => String(label));
    };
    await vscode.commands.executeCommand('secateur.measure', uri);
    await eventually('hints of the measured budget', async () => {
      const labels = await hints();
      return labels.length > 0 && !labels.some((label) => label.includes('until'));
    });
    const at = document.positionAt(document.getText().indexOf('q_proj'));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, at);
    const words = hovers
      .flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value)))
      .join('\n');
    assert.match(words, /\| sensitivity \| rank \|/);
    const fisher = new vscode.WorkspaceEdit();
    const from = document.getText().indexOf('error-curve');
    fisher.replace(uri, new vscode.Range(document.positionAt(from), document.positionAt(from + 'error-curve'.length)), 'hessian-trace');
    await vscode.workspace.applyEdit(fisher);
    await eventually('a hint of what is awaited', async () =>
      (await hints()).some((label) => label === 'uniform until hessian-trace is measured'),
    );
  }).timeout(MEASURE_MS);
});
